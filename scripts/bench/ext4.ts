import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import {
  type Ext4Layout,
  ext4SizeFor,
  fileTarget,
  scanDirectory,
  writeExt4,
} from '../../packages/diskimage/src/index.ts';
import { type Contender, measure, report } from './measure.ts';

/** Debian's smallest system, and one package more, both with times of the same day. */
const variants = { before: [], after: ['--include=nano'] } as const;
const epoch = 1_700_000_000;
const identity = {
  uuid: '6b696c6e-0000-4000-8000-000000000001',
  hashSeed: '6b696c6e-0000-4000-8000-000000000002',
  time: epoch,
  clampMtime: epoch,
} as const;

/** What `kiln` does to a tree, as a process of its own. */
const writeProgram = `
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { fileTarget, scanDirectory, writeExt4 } from './src/index.ts';
const [tree, image, size] = process.argv.slice(2);
const file = openSync(image, 'w');
ftruncateSync(file, Number(size));
scanDirectory(tree).then((entries) => {
  writeExt4(fileTarget(file), entries, { ...${JSON.stringify(identity)}, size: Number(size) });
  closeSync(file);
});
`;

/**
 * The ext4 writer beside `mke2fs -d` on the same tree, and what two versions of a tree share. The tree is made by
 * mmdebstrap unless one is given.
 */
export async function benchExt4(runs: number, given: string | undefined): Promise<void> {
  const lacking = cannotRun(given === undefined);
  if (lacking) {
    console.log(`\next4: left out: ${lacking}`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  try {
    const tree = given ?? makeTree(folder, 'before');
    const entries = await scanDirectory(tree);
    const size = ext4SizeFor(entries, { free: 100 * 2 ** 20 });
    const image = join(folder, 'image');
    const program = bundle(folder);
    const prepare = async () => rmSync(image, { force: true });
    const contenders: Contender[] = [
      { name: 'kiln: scan and write', command: [process.execPath, program, tree, image, `${size}`], prepare },
      {
        name: 'mke2fs -d',
        command: ['mke2fs', '-q', '-t', 'ext4', '-b', '4096', '-d', tree, image, `${size / 1024}k`],
        prepare,
      },
    ];
    const title = `\next4: ${entries.length} files in an image of ${size / 2 ** 20} MiB`;
    console.log(report(title, await measure(contenders, runs)));
    if (given === undefined) await benchVersions(folder, tree);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function cannotRun(makesTree: boolean): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may read all files of a tree and make their owners';
  for (const program of ['mke2fs', ...(makesTree ? ['mmdebstrap'] : [])])
    if (spawnSync(program, ['--version']).error) return `${program} is missing`;
  return undefined;
}

function makeTree(folder: string, name: keyof typeof variants): string {
  const tree = join(folder, name);
  const { status, stderr } = spawnSync(
    'mmdebstrap',
    ['--variant=minbase', ...variants[name], 'bookworm', tree],
    {
      encoding: 'utf8',
      env: { ...process.env, SOURCE_DATE_EPOCH: `${epoch}` },
    },
  );
  if (status !== 0) throw new Error(`mmdebstrap ended with ${status}: ${stderr.slice(-2000)}`);
  return tree;
}

function bundle(folder: string): string {
  const outfile = join(folder, 'write.cjs');
  buildSync({
    stdin: {
      contents: writeProgram,
      resolveDir: fileURLToPath(new URL('../../packages/diskimage', import.meta.url)),
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

/** How many blocks a version with one more package shares with the one before, with its layout and without. */
async function benchVersions(folder: string, before: string): Promise<void> {
  const after = await scanDirectory(makeTree(folder, 'after'));
  const size = ext4SizeFor(after, { free: 100 * 2 ** 20 });
  const write = (name: string, entries: typeof after, previous?: Ext4Layout) => {
    const file = openSync(join(folder, name), 'w');
    try {
      ftruncateSync(file, size);
      return writeExt4(fileTarget(file), entries, { ...identity, size, ...(previous ? { previous } : {}) });
    } finally {
      closeSync(file);
    }
  };
  const { layout } = write('first', await scanDirectory(before));
  write('second', after, layout);
  write('alone', after);
  for (const [name, what] of [
    ['second', 'with the layout of the version before'],
    ['alone', 'without'],
  ] as const) {
    const { same, known, used } = compare(join(folder, 'first'), join(folder, name));
    const percent = (count: number) => `${((100 * count) / used).toFixed(2)} %`;
    console.log(
      `  one package more, ${what}: ${percent(same)} of ${used} blocks are at the same place, ${percent(known)} are known`,
    );
  }
}

/** Of the second image's blocks that are not zeros: how many the first has at the same place, how many anywhere. */
function compare(first: string, second: string): { same: number; known: number; used: number } {
  const blockSize = 4096;
  const zeros = Buffer.alloc(blockSize);
  const anywhere = new Set<string>();
  const places = readFileSync(first);
  for (let at = 0; at < places.length; at += blockSize)
    anywhere.add(places.toString('latin1', at, at + blockSize));
  const file = openSync(second, 'r');
  const block = Buffer.alloc(blockSize);
  const counts = { same: 0, known: 0, used: 0 };
  for (let at = 0; readSync(file, block, 0, blockSize, at) > 0; at += blockSize) {
    if (block.equals(zeros)) continue;
    counts.used++;
    if (block.equals(places.subarray(at, at + blockSize))) counts.same++;
    if (anywhere.has(block.toString('latin1'))) counts.known++;
  }
  closeSync(file);
  return counts;
}
