import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Copies the root filesystem of a disk image out with debugfs(8), without mounting it. `partition` counts from 1.
 */
export function extractTree(image: string, scratch: string, partition: number): string {
  const raw = join(scratch, 'disk.raw');
  const tree = join(scratch, 'tree');
  mkdirSync(tree, { recursive: true });
  execFileSync('qemu-img', ['convert', '-O', 'raw', image, raw]);
  const table = JSON.parse(execFileSync('sfdisk', ['--json', raw], { encoding: 'utf8', env: sbin() })) as {
    partitiontable: { partitions: { start: number }[]; sectorsize?: number };
  };
  const start =
    table.partitiontable.partitions[partition - 1]!.start * (table.partitiontable.sectorsize ?? 512);
  execFileSync('debugfs', ['-R', `rdump / "${tree}"`, `${raw}?offset=${start}`], {
    stdio: 'ignore',
    env: sbin(),
  });
  return tree;
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
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (ignore.test(`/${path}`)) continue;
    const full = join(root, path);
    const stat = lstatSync(full);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) described.set(path, `link to ${readlinkSync(full)}`);
    else if (stat.isDirectory()) described.set(path, `folder ${mode}`);
    else described.set(path, `file ${mode} ${await digest(full)}`);
  }
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
