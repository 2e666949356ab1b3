import { crc32 } from 'node:zlib';
import type { FileContent } from '../tree/tree-entry.ts';
import type { Ext4Layout, FileLayout } from './layout.ts';
import type { Node } from './tree-nodes.ts';

/** Bytes of a file's start that tell it from others of its size. */
export const headLength = 4096;

/**
 * What each inode was in the version before: what had its path, or else a file of the same content whose path is
 * gone. Only files of a size that a vanished one had are read for that.
 */
export function matchPrevious(nodes: readonly Node[], previous: Ext4Layout): Map<Node, FileLayout> {
  const matches = new Map<Node, FileLayout>();
  const gone = new Map(previous.files);
  const added: Node[] = [];
  for (const node of nodes) {
    const found = gone.get(node.path);
    if (found) {
      matches.set(node, found);
      gone.delete(node.path);
    } else if (node.entry.kind === 'file' && node.size > 0) added.push(node);
  }
  if (added.length === 0 || gone.size === 0) return matches;

  const bySize = new Map<number, Candidate[]>();
  for (const [path, layout] of gone) {
    const size = layout.content?.size;
    if (size === undefined) continue;
    const candidates = bySize.get(size);
    if (candidates) candidates.push({ path, layout });
    else bySize.set(size, [{ path, layout }]);
  }
  for (const node of added) {
    const candidates = bySize.get(node.size);
    if (!candidates?.length) continue;
    const index = bestCandidate(node, candidates);
    if (index >= 0) matches.set(node, candidates.splice(index, 1)[0]!.layout);
  }
  return matches;
}

interface Candidate {
  readonly path: string;
  readonly layout: FileLayout;
}

/** The one with the same content, best under the same name; where contents are unknown, names must agree. */
function bestCandidate(node: Node, candidates: readonly Candidate[]): number {
  const name = baseName(node.path);
  const { entry } = node;
  const head = entry.kind === 'file' ? headOf(entry.content, node.size) : undefined;
  const isSame = ({ path, layout }: Candidate) =>
    layout.content?.head === undefined ? baseName(path) === name : layout.content.head === head;
  const sameName = candidates.findIndex((each) => baseName(each.path) === name && isSame(each));
  return sameName >= 0 ? sameName : candidates.findIndex(isSame);
}

function headOf(content: FileContent, size: number): number {
  const bytes = new Uint8Array(Math.min(size, headLength));
  const opened = content.open();
  try {
    const length = opened.read(bytes, 0);
    return crc32(bytes.subarray(0, length));
  } finally {
    opened.close();
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
