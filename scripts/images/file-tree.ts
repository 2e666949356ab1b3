import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * Copies the root filesystem of a disk image out with debugfs(8), without mounting it. `partition` counts from 1.
 */
export function extractTree(image: string, scratch: string, partition: number): string {
  const raw = join(scratch, 'disk.raw');
  const tree = join(scratch, 'tree');
  mkdirSync(tree, { recursive: true });
  execFileSync('qemu-img', ['convert', '-O', 'raw', image, raw]);
  const start = partitionStart(raw, partition);
  execFileSync('debugfs', ['-R', `rdump / "${tree}"`, `${raw}?offset=${start}`], {
    stdio: 'ignore',
    env: sbin(),
  });
  return tree;
}

/** Where a partition begins, in bytes, by the GUID partition table (UEFI specification 2.10, section 5.3). */
function partitionStart(raw: string, partition: number): number {
  const sector = 512;
  const disk = openSync(raw, 'r');
  try {
    const header = Buffer.alloc(sector);
    readSync(disk, header, 0, sector, sector);
    if (header.toString('latin1', 0, 8) !== 'EFI PART') throw new Error(`${raw} has no partition table`);
    const entrySize = header.readUInt32LE(84);
    const entry = Buffer.alloc(entrySize);
    readSync(
      disk,
      entry,
      0,
      entrySize,
      Number(header.readBigUInt64LE(72)) * sector + (partition - 1) * entrySize,
    );
    return Number(entry.readBigUInt64LE(32)) * sector;
  } finally {
    closeSync(disk);
  }
}

export interface TreeDifference {
  readonly path: string;
  readonly what: string;
}

/** Files that differ in kind, mode, link target or content. `ignore` says which paths do not matter. */
export async function compareTrees(a: string, b: string, ignore: RegExp): Promise<TreeDifference[]> {
  const [left, right] = [await describeTree(a, ignore), await describeTree(b, ignore)];
  const differences: TreeDifference[] = [];
  for (const path of new Set([...left.keys(), ...right.keys()])) {
    const [one, two] = [left.get(path), right.get(path)];
    if (one === two) continue;
    differences.push({
      path,
      what:
        one === undefined
          ? 'only in the second'
          : two === undefined
            ? 'only in the first'
            : `${one} ≠ ${two}`,
    });
  }
  return differences.sort((x, y) => x.path.localeCompare(y.path));
}

async function describeTree(root: string, ignore: RegExp): Promise<Map<string, string>> {
  const described = new Map<string, string>();
  // A walk of our own: readdir's follows links, and those of another system's tree lead into this one.
  const walk = async (folder: string): Promise<void> => {
    for (const name of readdirSync(join(root, folder))) {
      const path = join(folder, name);
      if (ignore.test(`/${path}`)) continue;
      const full = join(root, path);
      const stat = lstatSync(full);
      const mode = (stat.mode & 0o7777).toString(8);
      if (stat.isSymbolicLink()) described.set(path, `link to ${readlinkSync(full)}`);
      else if (stat.isFile()) described.set(path, `file ${mode} ${await digest(full)}`);
      else described.set(path, `${stat.isDirectory() ? 'folder' : 'special file'} ${mode}`);
      if (stat.isDirectory()) await walk(path);
    }
  };
  await walk('');
  return described;
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex').slice(0, 16);
}

function sbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
}
