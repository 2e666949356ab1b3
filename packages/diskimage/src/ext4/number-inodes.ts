import { inodeNumbers } from './ext4-format.ts';
import { FilesystemFullError } from './filesystem-full.ts';
import type { FileLayout } from './layout.ts';
import type { Node } from './tree-nodes.ts';

/**
 * Gives every node its number: the previous one if it had one, else a new one in the order of the tree. New ones take
 * first the numbers of what is gone, since those blocks of the inode tables change anyway, then those behind the
 * highest, then any.
 * @param count inodes that the filesystem has
 */
export function numberInodes(
  nodes: readonly Node[],
  count: number,
  previous:
    | { readonly matches: ReadonlyMap<Node, FileLayout>; readonly all: Iterable<FileLayout> }
    | undefined,
): void {
  if (!previous) {
    numberInOrder(nodes, count);
    return;
  }
  const used = new Set<number>();
  for (const node of nodes) if (node.inode !== 0) used.add(node.inode);
  for (const node of nodes) {
    const wanted = previous.matches.get(node)?.inode;
    if (node.inode !== 0 || wanted === undefined || !isUsable(wanted, count) || used.has(wanted)) continue;
    node.inode = wanted;
    used.add(wanted);
  }
  const gone: number[] = [];
  let highest: number = inodeNumbers.firstFree;
  for (const { inode } of previous.all) {
    if (!isUsable(inode, count)) continue;
    highest = Math.max(highest, inode);
    if (!used.has(inode)) gone.push(inode);
  }
  const numbers = unusedNumbers(
    gone.sort((a, b) => a - b),
    highest,
    count,
    used,
  );
  for (const node of nodes) {
    if (node.inode !== 0) continue;
    const next = numbers.next();
    if (next.done) throw new FilesystemFullError('inodes', nodes.filter(({ inode }) => inode === 0).length);
    node.inode = next.value;
  }
}

function numberInOrder(nodes: readonly Node[], count: number): void {
  let next = inodeNumbers.firstFree + 1;
  for (const node of nodes) if (node.inode === 0) node.inode = next++;
  if (next - 1 > count) throw new FilesystemFullError('inodes', next - 1 - count);
}

function isUsable(inode: number, count: number): boolean {
  return Number.isInteger(inode) && inode > inodeNumbers.firstFree && inode <= count;
}

function* unusedNumbers(
  gone: readonly number[],
  highest: number,
  count: number,
  used: Set<number>,
): Generator<number, void> {
  for (const inode of gone) if (take(inode)) yield inode;
  for (let inode = highest + 1; inode <= count; inode++) if (take(inode)) yield inode;
  for (let inode = inodeNumbers.firstFree + 1; inode <= highest; inode++) if (take(inode)) yield inode;

  function take(inode: number): boolean {
    if (used.has(inode)) return false;
    used.add(inode);
    return true;
  }
}
