import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeFileAtomically } from '../base/files.ts';
import { decompress } from './decompress.ts';
import { Run } from './run.ts';
import { openStore } from './store.ts';
import { qemuImg, recordOf, Workshop } from './test-support.ts';

const workshop = new Workshop();
const mounts: string[] = [];
after(() => {
  for (const mount of mounts) execFileSync('umount', [mount]);
  workshop.remove();
});

/** A filesystem of 4 MiB, or undefined when this user may not mount one. */
function smallDisk(): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const path = workshop.path('small');
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path]);
  mounts.push(path);
  return path;
}

function files(folder: string): string[] {
  return (readdirSync(folder, { recursive: true, withFileTypes: true }) as import('node:fs').Dirent[])
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** A disk with more in it than the small filesystem holds. */
function largeDisk(format: string): string {
  const raw = workshop.path('large');
  writeFileSync(raw, randomBytes(6 << 20));
  if (format === 'raw') return raw;
  qemuImg('convert', '-f', 'raw', '-O', format, raw, `${raw}.${format}`);
  return `${raw}.${format}`;
}

const skip = process.getuid?.() === 0 ? false : 'only root may mount a small filesystem';

test('a store that fills up says where, and nothing half stays', { skip }, async () => {
  const home = smallDisk()!;
  const store = openStore(home);
  const archive = workshop.path('large.tar');
  const elsewhere = workshop.store();
  await elsewhere.importImage(largeDisk('qcow2'), { references: ['large'] });
  await elsewhere.exportImage('large', archive, { format: 'archive' });
  const packed = `${archive}.gz`;
  writeFileSync(packed, execFileSync('gzip', ['-1', '-c', largeDisk('raw')], { maxBuffer: 1 << 28 }));
  const raw = largeDisk('raw');
  const ways: [string, () => Promise<unknown>][] = [
    ['copy', () => store.addLayer({ diskPath: largeDisk('qcow2'), move: false })],
    ['move', () => store.addLayer({ diskPath: largeDisk('qcow2'), move: true })],
    ['convert', () => store.addLayer({ diskPath: raw, format: 'raw', move: true })],
    ['import of a disk', () => store.importImage(raw, { references: ['web'] })],
    ['import of an archive', () => store.importImage(archive, { references: ['web'] })],
    ['import of a compressed disk', () => store.importImage(packed, { references: ['web'] })],
  ];
  for (const [what, way] of ways) {
    await assert.rejects(way, (error: Error & { code?: string }) => {
      assert.equal(error.code, 'disk-full', `${what}: ${error.message}`);
      assert.ok(error.message.includes(home), `${what}: ${error.message}`);
      return true;
    });
    assert.deepEqual(files(home), [], what);
  }
  assert.equal(readFileSync(raw).length, 6 << 20, 'a disk that could not be moved is still there');
});

test('an export to a full disk leaves no half file', { skip }, async () => {
  const folder = smallDisk()!;
  const store = workshop.store();
  await store.importImage(largeDisk('qcow2'), { references: ['large'] });
  for (const format of ['raw', 'qcow2', 'archive'] as const) {
    const path = join(folder, `out.${format}`);
    await assert.rejects(store.exportImage('large', path, { format }), {
      code: 'disk-full',
      message: `no space left while writing ${path}`,
    });
    assert.deepEqual(readdirSync(folder), []);
  }
});

test('records, names and journals say so too, and what takes the space can still be pruned', {
  skip,
}, async () => {
  const home = smallDisk()!;
  const store = openStore(home);
  const layer = await store.addLayer({ diskPath: workshop.disk('fits'), move: true });
  const run = await Run.open(home);
  assert.throws(() => writeFileSync(join(store.layout.downloads, 'ballast.data'), Buffer.alloc(8 << 20)));
  const full = { code: 'disk-full', message: new RegExp(home) };
  await assert.rejects(store.putImage(recordOf(layer), ['web']), full);
  await assert.rejects(Run.open(home), full);
  assert.throws(() => run.ownPath('/x'.repeat(1000)), full);
  await assert.rejects(writeFileAtomically(join(home, 'file'), 'x'), full);
  assert.deepEqual((await store.prune({ downloadsUnusedFor: 0 })).downloads, ['ballast.data']);
  await run.close();
  await store.putImage(recordOf(layer), ['web']);
  assert.deepEqual(readdirSync(store.layout.runs), []);
  assert.deepEqual(readdirSync(store.layout.locks), []);
});

test('unpacking to a full disk leaves no half file', { skip }, async () => {
  const folder = smallDisk()!;
  const packed = workshop.path('packed');
  const run = await Run.open(workshop.path('home'));
  for (const [program, compression] of [
    ['gzip', 'gzip'],
    ['xz', 'xz'],
  ] as const) {
    writeFileSync(packed, execFileSync(program, ['-1', '-c', largeDisk('raw')], { maxBuffer: 1 << 28 }));
    const signal = new AbortController().signal;
    await assert.rejects(decompress(packed, join(folder, 'disk'), compression, { signal, run }), {
      code: 'disk-full',
      message: `no space left while writing ${join(folder, 'disk')}`,
    });
    assert.deepEqual(readdirSync(folder), []);
  }
  await run.close();
});
