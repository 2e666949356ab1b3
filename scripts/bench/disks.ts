import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { type Contender, measure, report } from './measure.ts';

const mebibyte = 1 << 20;
const diskSize = 4096 * mebibyte;
const dataSize = 600 * mebibyte;

/** Ours as a process of its own, as people would start it. */
const convert = `
import { openDisk, writeQcow2, writeRaw, writeVmdk } from './src/index.ts';
const [source, target, kind] = process.argv.slice(2);
const disk = await openDisk(source);
if (kind === 'raw') await writeRaw(disk, target);
else if (kind === 'vmdk') await writeVmdk(disk, target, { uuid: '5b3c4f6e-0f0a-4d5e-8a33-9a1b2c3d4e5f' });
else await writeQcow2(disk, target, kind === 'plain' ? {} : { compression: { kind } });
await disk.close();
`;

const rows: readonly (readonly [
  title: string,
  kind: string,
  from: 'raw' | 'qcow2',
  qemu: readonly string[],
])[] = [
  ['raw to qcow2', 'plain', 'raw', ['-O', 'qcow2']],
  ['raw to qcow2, deflate', 'deflate', 'raw', ['-O', 'qcow2', '-c', '-W']],
  ['raw to qcow2, zstd', 'zstd', 'raw', ['-O', 'qcow2', '-c', '-W', '-o', 'compression_type=zstd']],
  ['raw to VMDK, streamOptimized', 'vmdk', 'raw', ['-O', 'vmdk', '-o', 'subformat=streamOptimized']],
  ['qcow2 to raw', 'raw', 'qcow2', ['-O', 'raw']],
];

/** Conversions of a disk of 4 GiB that holds 600 MiB, beside qemu-img. */
export async function benchDisks(runs: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  try {
    const program = join(folder, 'convert.mjs');
    buildSync({
      stdin: {
        contents: convert,
        resolveDir: fileURLToPath(new URL('../../packages/diskimage', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
      logLevel: 'error',
    });
    const raw = join(folder, 'disk.raw');
    const qcow2 = join(folder, 'disk.qcow2');
    const target = join(folder, 'target');
    writeDisk(raw);
    const once = { name: 'once', command: [process.execPath, program, raw, qcow2, 'plain'] };
    await measure([once], 1, { warmup: false });
    const prepare = async () => rmSync(target, { force: true });
    for (const [title, kind, from, qemu] of rows) {
      const source = from === 'raw' ? raw : qcow2;
      const contenders: Contender[] = [
        { name: 'ours', command: [process.execPath, program, source, target, kind], prepare },
        { name: 'qemu-img', command: ['qemu-img', 'convert', '-f', from, ...qemu, source, target], prepare },
      ];
      console.log(report(`\ndisks: ${title}`, await measure(contenders, runs)));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Areas of 4 MiB, a third of them as good as random and the rest like program text: about what a root disk holds. */
function writeDisk(path: string): void {
  const area = 4 * mebibyte;
  const areas = dataSize / area;
  const file = openSync(path, 'w');
  ftruncateSync(file, diskSize);
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state >>> 8;
  };
  const words = Array.from({ length: 4096 }, () =>
    next()
      .toString(36)
      .slice(0, 2 + (next() % 6)),
  );
  for (let index = 0; index < areas; index++) {
    const bytes = Buffer.alloc(area);
    if (index % 3 === 0)
      for (let at = 0; at < area; at += 4) bytes.writeInt32LE(Math.imul(next(), 2654435761), at);
    else
      for (let at = 0; at < area; ) at += bytes.write(`${words[next() % words.length]} `, at, 'latin1') || 1;
    writeSync(file, bytes, 0, area, Math.floor(index * (diskSize / areas / area)) * area);
  }
  closeSync(file);
}
