import { existsSync } from 'node:fs';
import { copyFile, mkdir, realpath, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runOrFail } from '../../base/processes.ts';

/** Ordinary users have not all of them in their PATH. */
const programFolders = [
  ...(process.env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/')),
  ...['/usr/bin', '/bin', '/usr/sbin', '/sbin'],
];

/** What a tree needs to be useful to tests. */
export const tinyPrograms = [
  'sh',
  'cat',
  'chmod',
  'chown',
  'ln',
  'ls',
  'mkdir',
  'rm',
  'sleep',
  'stat',
  'tar',
];

/**
 * Makes a tree with programs of this host and the libraries that they need.
 * @param links further names in /usr/bin, and what they lead to
 */
export async function makeTinyTree(
  tree: string,
  programs: readonly string[] = tinyPrograms,
  links: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const folder of ['usr/bin', 'usr/sbin', 'etc', 'root', 'tmp', 'srv'])
    await mkdir(join(tree, folder), { recursive: true });
  await symlink('usr/bin', join(tree, 'bin'));
  const copied = new Set<string>();
  const copy = async (from: string, to: string) => {
    if (copied.has(to)) return;
    copied.add(to);
    await mkdir(dirname(join(tree, to)), { recursive: true });
    await copyFile(from, join(tree, to));
  };
  for (const name of programs) {
    const path = programFolders.map((folder) => join(folder, name)).find(existsSync);
    if (!path) throw new Error(`this host has no ${name}`);
    const program = await realpath(path);
    await copy(program, `/usr/bin/${name}`);
    const { stdout } = await runOrFail('ldd', [program]);
    for (const [, library] of stdout.matchAll(/(?:=> |^\t)(\/\S+) \(/gm)) await copy(library!, library!);
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, join(tree, 'usr/bin', name));
}
