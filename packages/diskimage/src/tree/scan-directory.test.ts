import assert from 'node:assert/strict';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiskImageError } from '../read.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';
import { deviceNumbers } from './device-numbers.ts';
import { FattrParser } from './fattr-parser.ts';
import { scanDirectory } from './scan-directory.ts';
import { TarXattrParser } from './tar-xattr-parser.ts';
import type { TreeEntry } from './tree-entry.ts';

const folder = temporaryFolder('scan');
const noTools = missing('getfattr', 'setfattr', 'tar');
const mine = { uid: process.getuid!(), gid: process.getgid!() };

function plain(entries: readonly TreeEntry[]) {
  return entries.map((entry) => ('content' in entry ? { ...entry, content: undefined } : entry));
}

test('every kind of file is told as it is, links by the first name', { skip: noTools }, async () => {
  const root = mkdtempSync(join(folder, 'tree-'));
  mkdirSync(join(root, 'd'), { mode: 0o750 });
  writeFileSync(join(root, 'd/file'), 'content', { mode: 0o604 });
  linkSync(join(root, 'd/file'), join(root, 'another'));
  symlinkSync('d/nothing', join(root, 'link'));
  run(root, 'mkfifo', '-m', '0600', 'pipe');
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xe9, 0x0a, 0xff])]), 'x');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
  for (const name of ['d', 'd/file', 'pipe', 'socket']) utimesSync(join(root, name), 1000, 2000.75);
  const entries = await scanDirectory(root);
  await new Promise((resolve) => server.close(resolve));
  assert.deepEqual(
    entries.map(({ path }) => path),
    ['', 'another', 'd', 'd/file', 'link', 'pipe', 'socket', '\xe9\n\xff'],
  );
  const [, another, d, file, link, pipe, socket, odd] = plain(entries);
  assert.deepEqual(another, {
    kind: 'file',
    path: 'another',
    mode: 0o604,
    ...mine,
    mtime: 2000,
    size: 7,
    content: undefined,
  });
  assert.deepEqual(d, { kind: 'directory', path: 'd', mode: 0o750, ...mine, mtime: 2000 });
  assert.deepEqual(file, { kind: 'link', path: 'd/file', to: 'another' });
  assert.equal(link?.kind === 'symlink' && link.target, 'd/nothing');
  assert.deepEqual(pipe, { kind: 'fifo', path: 'pipe', mode: 0o600, ...mine, mtime: 2000 });
  assert.equal(socket!.kind, 'socket');
  assert.equal(odd?.kind === 'file' && odd.size, 1);
  const bytes = Buffer.alloc(20);
  const last = entries.at(-1)!;
  const opened = last.kind === 'file' ? last.content.open() : assert.fail();
  assert.equal(opened.read(bytes, 0), 1);
  opened.close();
});

test('what is excluded is not looked at, and entries can be changed or left out', {
  skip: noTools,
}, async () => {
  const root = mkdtempSync(join(folder, 'tree-'));
  mkdirSync(join(root, 'proc/1'), { recursive: true });
  mkdirSync(join(root, 'var/log'), { recursive: true });
  writeFileSync(join(root, 'var/log/x'), '');
  writeFileSync(join(root, 'var/keep'), '');
  const entries = await scanDirectory(root, {
    exclude: (path) => path.startsWith('proc/') || path === 'var/log',
    map: (entry) =>
      entry.path === 'var/keep' || entry.kind === 'link'
        ? undefined
        : { ...entry, uid: 7, mtime: Math.min(entry.mtime, 5) },
  });
  assert.deepEqual(
    entries.map((entry) => entry.kind !== 'link' && [entry.path, entry.uid, entry.mtime]),
    [
      ['', 7, 5],
      ['proc', 7, 5],
      ['var', 7, 5],
    ],
  );
});

test('extended attributes are the same from getfattr and from tar', { skip: noTools }, async () => {
  const root = mkdtempSync(join(folder, 'tree-'));
  for (const name of ['a', 'b c', 'new\nline', 'back\\slash', 'equal=sign', `long-${'n'.repeat(200)}`]) {
    writeFileSync(join(root, name), 'content'.repeat(1000));
    run(root, 'setfattr', '-n', 'user.name', '-v', `of ${name}`, name);
  }
  run(root, 'setfattr', '-n', 'user.empty', 'a');
  run(root, 'setfattr', '-n', 'user.odd=%name', '-v', '0x000a3d25ff', 'a');
  run(root, 'setfattr', '-n', 'user.large', '-v', 'x'.repeat(1500), 'a');
  run(root, 'setfattr', '-n', 'user.overlay.opaque', '-v', 'y', 'a');
  writeFileSync(join(root, 'sparse'), 'x');
  truncateSync(join(root, 'sparse'), 3_000_000_000);
  run(root, 'setfattr', '-n', 'user.last', '-v', '1', 'sparse');
  mkdirSync(join(root, 'd'));
  writeFileSync(join(root, 'd/inside'), '');
  run(root, 'setfattr', '-n', 'user.below', '-v', '2', 'd/inside', '.');

  const both: Map<string, unknown>[] = [];
  const path = process.env.PATH;
  try {
    for (const only of [undefined, 'tar']) {
      if (only) process.env.PATH = folderWith(only, path!);
      const entries = await scanDirectory(root);
      both.push(new Map(entries.map((entry) => [entry.path, entry.kind !== 'link' && asText(entry.xattrs)])));
    }
  } finally {
    process.env.PATH = path;
  }
  assert.deepEqual(both[1], both[0]);
  assert.deepEqual(both[0]!.get('a'), [
    ['user.empty', ''],
    ['user.large', 'x'.repeat(1500)],
    ['user.name', 'of a'],
    ['user.odd=%name', '\x00\n=%\xff'],
  ]);
  for (const name of ['new\nline', 'back\\slash', 'equal=sign'])
    assert.deepEqual(both[0]!.get(name), [['user.name', `of ${name}`]]);
  assert.deepEqual(both[0]!.get(''), [['user.below', '2']]);
});

test('without getfattr and tar the message says what to install', async () => {
  const path = process.env.PATH;
  try {
    process.env.PATH = mkdtempSync(join(folder, 'empty-'));
    await assert.rejects(
      scanDirectory(folder),
      (error) =>
        error instanceof DiskImageError && /install getfattr \(Debian package "attr"\)/.test(error.message),
    );
  } finally {
    process.env.PATH = path;
  }
});

test('what is no directory is an error of the system’s', async () => {
  await assert.rejects(scanDirectory(join(folder, 'nothing')), { code: 'ENOENT' });
  writeFileSync(join(folder, 'file'), '');
  await assert.rejects(scanDirectory(join(folder, 'file')), { code: 'ENOTDIR' });
});

test('damaged output of the other programs is refused', () => {
  assert.throws(() => parse(new FattrParser(() => true), '# file: a\nuser.x=not hex\n'), DiskImageError);
  assert.throws(() => parse(new TarXattrParser(() => true), 'x'.repeat(512)), /tar gave no archive/);
});

test('device numbers are split as the C library splits them', () => {
  assert.deepEqual(deviceNumbers(0x103), { major: 1, minor: 3 });
  assert.deepEqual(deviceNumbers(259 * 256 + 5), { major: 259, minor: 5 });
  assert.deepEqual(deviceNumbers(0x112345067), { major: 0x450, minor: 0x112367 });
});

function parse(parser: FattrParser | TarXattrParser, text: string) {
  parser.add(Buffer.from(text));
  return parser.end();
}

function asText(xattrs: ReadonlyMap<string, Uint8Array> | undefined) {
  return [...(xattrs ?? [])].map(([name, value]) => [name, Buffer.from(value).toString('latin1')]).sort();
}

/** A folder in which one program is the only one. */
function folderWith(program: string, path: string): string {
  const found = run('/', 'sh', '-c', `PATH='${path}' command -v ${program}`).trim();
  const only = mkdtempSync(join(folder, 'bin-'));
  symlinkSync(found, join(only, program));
  return only;
}
