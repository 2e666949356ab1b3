import { crc32 } from 'node:zlib';
import { type Allocator, unitBlocks } from './allocator.ts';
import type { BlockWriter } from './block-writer.ts';
import { blockSize } from './ext4-format.ts';
import { FilesystemFullError } from './filesystem-full.ts';
import type { FileLayout } from './layout.ts';
import { DensePlaces, UnitPlaces } from './placer.ts';
import { dataBlocks } from './prepare-nodes.ts';
import type { Node } from './tree-nodes.ts';
import { writeFile } from './write-file.ts';

/**
 * Gives files their blocks and writes them. Large files first: small ones change more often, and then move nothing
 * behind them.
 * @throws FilesystemFullError with what all files still need
 */
export function placeFiles(
  nodes: readonly Node[],
  matches: ReadonlyMap<Node, FileLayout>,
  allocator: Allocator,
  writer: BlockWriter,
): void {
  const dense = new DensePlaces(allocator);
  const units = new UnitPlaces(allocator, dense);
  const places = { allocator, dense, units };
  const files = nodes.filter(({ entry, size }) => entry.kind === 'file' && size > 0);
  const inOrder = [...files.filter(isLarge), ...files.filter((node) => !isLarge(node))];
  for (const [index, node] of inOrder.entries()) {
    if (!isLarge(node) && startsUnit(node.path) && !matches.has(node)) dense.startUnit();
    try {
      writeFile(node, writer, places);
    } catch (error) {
      if (!(error instanceof FilesystemFullError)) throw error;
      const left = inOrder.slice(index + 1).reduce((sum, later) => sum + dataBlocks(later), error.missing);
      throw new FilesystemFullError('blocks', left);
    }
  }
}

function isLarge({ size }: Node): boolean {
  return size >= unitBlocks * blockSize;
}

/**
 * Now and then a small file starts a unit, chosen by its name: so that behind a file that is new in one version the
 * units of both are the same again.
 */
function startsUnit(path: string): boolean {
  return crc32(path) % 64 === 0;
}
