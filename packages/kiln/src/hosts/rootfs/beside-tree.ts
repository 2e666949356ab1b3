import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { asRoot, isRoot } from '../../base/user-namespace.ts';
import type { SandboxRoot } from '../../guests/chroot-guest.ts';
import { shellQuote } from '../../guests/shell-quote.ts';

/**
 * A command line that runs a program of this host beside the files of a tree, which can only be read: in a mount
 * namespace of its own, and for ordinary users in a user namespace in which the files have their owners.
 * @param folder an empty folder for what that takes
 * @returns the command line, and where the program finds the tree
 */
export async function besideTree(
  root: SandboxRoot,
  folder: string,
  command: string,
  args: readonly string[],
): Promise<{ readonly command: string; readonly args: readonly string[]; readonly tree: string }> {
  if (root.kind === 'directory') {
    const [program, all] = asRoot(command, args);
    return { command: program, args: all, tree: root.path };
  }
  const tree = join(folder, 'mounted');
  await mkdir(tree, { recursive: true, mode: 0o700 });
  // Layers go by short names: the kernel takes no more than a page of options, and no colons in paths.
  const layers = [root.upper, ...root.lower];
  for (const [index, layer] of layers.entries()) await symlink(layer, join(folder, String(index)));
  const options = [`lowerdir=${layers.map((_layer, index) => index).join(':')}`, 'ro'];
  if (!isRoot()) options.push('userxattr');
  const script = [
    `cd ${shellQuote(folder)}`,
    `mount -t overlay -o ${options.join(',')} kiln ${shellQuote(tree)}`,
    'cd / && exec "$@"',
  ].join(' && ');
  const shell = ['sh', '-c', script, 'sh', command, ...args] as const;
  const [program, all] = isRoot()
    ? (['unshare', ['--mount', '--propagation', 'private', '--', ...shell]] as const)
    : asRoot(shell[0], shell.slice(1));
  return { command: program, args: all, tree };
}
