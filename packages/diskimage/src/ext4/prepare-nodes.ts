import { DiskImageError } from '../read.ts';
import { type HashSeed, planDirectory } from './directory-plan.ts';
import { blockSize, fastSymlinkLimit, inodeNumbers } from './ext4-format.ts';
import type { FileLayout } from './layout.ts';
import { type Node, shown } from './tree-nodes.ts';
import { type EncodedXattrs, encodeXattrs } from './xattr-encode.ts';

/** Finds out how large directories are, and where extended attributes go. @throws DiskImageError for impossible attributes */
export function prepareNodes(
  nodes: readonly Node[],
  hashSeed: HashSeed,
  matches: ReadonlyMap<Node, FileLayout>,
): void {
  for (const node of nodes) {
    if (node.entry.xattrs?.size) node.xattrs = xattrsOf(node, node.entry.xattrs);
    if (!node.children) continue;
    node.plan =
      node.inode === inodeNumbers.firstFree && node.children.length === 0
        ? { blocks: 4 } // room for e2fsck, as much as mke2fs gives
        : planDirectory(node.children, hashSeed, matches.get(node)?.leaves);
    node.size = node.plan.blocks * blockSize;
  }
}

/** How many blocks a node's data takes, holes included. */
export function dataBlocks(node: Node): number {
  if (node.entry.kind === 'symlink' && node.size < fastSymlinkLimit) return 0;
  return Math.ceil(node.size / blockSize);
}

function xattrsOf({ path }: Node, xattrs: ReadonlyMap<string, Uint8Array>): EncodedXattrs {
  try {
    return encodeXattrs(xattrs);
  } catch (error) {
    if (error instanceof DiskImageError) throw new DiskImageError(`${shown(path)} ${error.message}`);
    throw error;
  }
}
