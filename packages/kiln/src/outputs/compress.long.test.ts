import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, gunzipSync, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import tar from 'tar-stream';
import { KilnError } from '../base/errors.ts';
import { run, runOrFail } from '../base/processes.ts';
import type { CompressOutput } from '../plan/output.ts';
import { runCompressOutput } from './compress.ts';
import { compressFormatOf } from './compress-format.ts';
import { makeOutputBench, type OutputBench } from './test-support.ts';

const text = Buffer.from('hello hello hello\n'.repeat(10_000));

async function twoFiles(bench: OutputBench): Promise<readonly string[]> {
  await mkdir(join(bench.folder, 'out'));
  await writeFile(join(bench.folder, 'out/a.txt'), text);
  await writeFile(join(bench.folder, 'out/b.bin'), randomBytes(100_000), { mode: 0o755 });
  return ['out/a.txt', 'out/b.bin'];
}

function output(name: string, more: Partial<CompressOutput> = {}): CompressOutput {
  return { kind: 'compress', output: name, format: compressFormatOf(name), ...more };
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    await run(program, ['--version']);
    return true;
  } catch (error) {
    if (error instanceof KilnError && error.code === 'tool-missing') return false;
    throw error;
  }
}

const programs: Readonly<Record<string, string>> = { lz4: 'lz4', bz2: 'bzip2', xz: 'xz' };

/** Packs, and gives what comes out again; undefined where the program is missing, which is then what is reported. */
async function packed(
  bench: OutputBench,
  name: string,
  files: readonly string[],
): Promise<Buffer | undefined> {
  const ending = name.split('.').at(-1)!;
  const program = programs[ending];
  const work = runCompressOutput(output(name), bench.artifact(files), bench.context());
  if (program !== undefined && !(await isInstalled(program))) {
    await assert.rejects(work, { code: 'tool-missing', message: new RegExp(program) });
    return undefined;
  }
  const result = await work;
  assert.deepEqual(result.artifact.files, [name]);
  assert.deepEqual([result.keepInput, result.keepIsForced], [false, false]);
  const path = join(bench.folder, name);
  const bytes = await readFile(path);
  if (ending === 'gz') return gunzipSync(bytes);
  if (ending === 'zst') return zstdDecompressSync(bytes);
  if (program === undefined) return bytes;
  await runOrFail('sh', ['-c', '"$1" -d -c < "$2" > "$2.unpacked"', 'sh', program, path]);
  return readFile(`${path}.unpacked`);
}

async function untar(bytes: Buffer): Promise<Map<string, { mode: number; bytes: Buffer }>> {
  const files = new Map<string, { mode: number; bytes: Buffer }>();
  const extract = tar.extract();
  extract.end(bytes);
  for await (const entry of extract) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files.set(entry.header.name, { mode: entry.header.mode ?? 0, bytes: Buffer.concat(chunks) });
  }
  return files;
}

for (const ending of ['tar', 'tar.gz', 'tar.bz2', 'tar.xz', 'tar.lz4', 'tar.zst']) {
  test(`a ${ending} archive holds the files by their own names, and is the same each time`, async (t) => {
    const bench = await makeOutputBench(t);
    const names = await twoFiles(bench);
    const bytes = await packed(bench, `x.${ending}`, names);
    if (bytes === undefined) return;
    assert.deepEqual(await packed(bench, `y.${ending}`, names), bytes);
    const files = await untar(bytes);
    assert.deepEqual([...files.keys()], ['a.txt', 'b.bin']);
    assert.ok(files.get('a.txt')?.bytes.equals(text));
    assert.ok(files.get('b.bin')?.bytes.equals(await readFile(join(bench.folder, 'out/b.bin'))));
    assert.equal(files.get('b.bin')?.mode, 0o755);
  });
}

for (const ending of ['gz', 'bz2', 'xz', 'lz4', 'zst']) {
  test(`one file is compressed by itself as .${ending}`, async (t) => {
    const bench = await makeOutputBench(t);
    await twoFiles(bench);
    const bytes = await packed(bench, `a.txt.${ending}`, ['out/a.txt']);
    assert.ok(bytes === undefined || bytes.equals(text));
  });
}

/** Some compressors only go wrong once they have to wait for their reader. */
test('what is as large as a disk comes out again whole', async (t) => {
  const bench = await makeOutputBench(t);
  const disk = Buffer.concat([randomBytes(12 << 20), Buffer.alloc(20 << 20), randomBytes(4 << 20)]);
  await writeFile(join(bench.folder, 'disk'), disk);
  for (const ending of ['gz', 'zst', 'lz4']) {
    const bytes = await packed(bench, `disk.${ending}`, ['disk']);
    assert.ok(bytes === undefined || bytes.equals(disk), ending);
  }
});

/** Reads a ZIP archive the way the format says: from its end, by its directory. */
function unzip(bytes: Buffer): Map<string, Buffer> {
  const end = bytes.length - 22;
  assert.equal(bytes.readUInt32LE(end), 0x06054b50);
  const end64 = Number(bytes.readBigUInt64LE(end - 20 + 8));
  const count = Number(bytes.readBigUInt64LE(end64 + 32));
  let at = Number(bytes.readBigUInt64LE(end64 + 48));
  const files = new Map<string, Buffer>();
  for (let index = 0; index < count; index++) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50);
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.subarray(at + 46, at + 46 + nameLength).toString();
    const extra = at + 46 + nameLength;
    const compressed = Number(bytes.readBigUInt64LE(extra + 12));
    const start = Number(bytes.readBigUInt64LE(extra + 20));
    const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    const content = inflateRawSync(bytes.subarray(data, data + compressed));
    assert.equal(crc32(content), bytes.readUInt32LE(at + 16));
    assert.equal(content.length, Number(bytes.readBigUInt64LE(extra + 4)));
    files.set(name, content);
    at = extra + bytes.readUInt16LE(at + 30);
  }
  return files;
}

test('a zip archive keeps the paths, and others can read it', async (t) => {
  const bench = await makeOutputBench(t);
  const names = await twoFiles(bench);
  const files = unzip((await packed(bench, 'x.zip', names))!);
  assert.deepEqual([...files.keys()], names);
  for (const name of names) assert.ok(files.get(name)?.equals(await readFile(join(bench.folder, name))));
  if (await isInstalled('python3')) {
    const script = 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), *z.namelist())';
    const { stdout } = await runOrFail('python3', ['-c', script, join(bench.folder, 'x.zip')]);
    assert.equal(stdout.trim(), `None ${names.join(' ')}`);
  }
});

test('several files cannot be one .gz, and an archive cannot hold itself or what is gone', async (t) => {
  const bench = await makeOutputBench(t);
  const files = await twoFiles(bench);
  const pack = (name: string, of: readonly string[]) =>
    runCompressOutput(output(name), bench.artifact(of), bench.context());
  await assert.rejects(pack('x.gz', files), { code: 'output-failed', message: /2: out\/a.txt, out\/b.bin/ });
  await assert.rejects(pack('out/a.txt', ['out/a.txt']), { code: 'output-failed' });
  await assert.rejects(pack('x.tar', ['gone']), { code: 'file-missing', message: /gone/ });
  assert.deepEqual(await readdir(bench.folder), ['out']);
});

test('a missing compressor is named, with what to install', async (t) => {
  const bench = await makeOutputBench(t);
  const files = await twoFiles(bench);
  const path = process.env.PATH;
  process.env.PATH = '/nonexistent';
  t.after(() => {
    process.env.PATH = path;
  });
  await assert.rejects(runCompressOutput(output('new/x.tar.xz'), bench.artifact(files), bench.context()), {
    code: 'tool-missing',
    message: /"xz"/,
    hint: /xz-utils/,
  });
  assert.deepEqual(await readdir(bench.folder), ['out'], 'not even the folder stays');
});

test('a cancelled archive leaves nothing', async (t) => {
  const bench = await makeOutputBench(t);
  await writeFile(join(bench.folder, 'big'), randomBytes(8 << 20));
  for (const name of ['x.tar.xz', 'x.zip', 'x.gz']) {
    const controller = new AbortController();
    const work = runCompressOutput(
      output(name),
      bench.artifact(['big']),
      bench.context({
        signal: controller.signal,
        ownPath: (path) => {
          bench.run.ownPath(path);
          setImmediate(() => controller.abort());
        },
      }),
    );
    await assert.rejects(work, { code: 'cancelled' });
    assert.deepEqual(await readdir(bench.folder), ['big']);
  }
});

test('the format follows from the name as in Packer', () => {
  const formats = {
    x: 'tar.gz',
    'x.foo': 'tar.gz',
    'x.tar': 'tar',
    'x.zip': 'zip',
    'x.tar.gz': 'tar.gz',
    'x.gz': 'gz',
    'x.tar.lz4': 'tar.lz4',
    'x.tar.foo': 'tar.gz',
    'a.tar.b.gz': 'gz',
  };
  for (const [name, format] of Object.entries(formats)) assert.equal(compressFormatOf(name), format, name);
  assert.equal(compressFormatOf('x', 'zip'), 'zip');
  assert.equal(compressFormatOf('x.tar', 'xz'), 'tar.xz');
});
