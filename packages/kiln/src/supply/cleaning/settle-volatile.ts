import type { TreeEntry } from '@kiln/diskimage';
import { pathMatcher } from '../system/path-patterns.ts';
import { rewriteVolatile } from './rewrite-volatile.ts';
import { type VolatileFile, volatileFiles } from './volatile-files.ts';

/** Larger ones are none of those that can be rewritten. */
const largestRewritten = 16 << 20;

export interface SettledTree {
  readonly entries: readonly TreeEntry[];
  /** What a machine runs as root at its first boot to have files of its own instead of those that went. */
  readonly remake: readonly string[];
}

/**
 * The tree without what comes out differently every time it is installed, as far as that can be helped.
 * @param epoch SOURCE_DATE_EPOCH, in seconds since 1970
 */
export function settleVolatile(tree: readonly TreeEntry[], epoch: number): SettledTree {
  const rules = volatileFiles.map((rule) => ({ ...rule, matches: pathMatcher(rule.paths, 'path-or-below') }));
  const any = pathMatcher(
    volatileFiles.flatMap(({ paths }) => paths),
    'path-or-below',
  );
  const remake = new Set<string>();
  const entries = tree.flatMap((entry) => {
    if (!any(entry.path)) return [entry];
    const { remedy } = rules.find(({ matches }) => matches(entry.path))!;
    if (remedy.kind === 'remove' && remedy.remake !== undefined) remake.add(remedy.remake);
    return settled(entry, remedy, epoch);
  });
  return { entries, remake: [...remake] };
}

function settled(entry: TreeEntry, remedy: VolatileFile['remedy'], epoch: number): TreeEntry[] {
  if (remedy.kind === 'remove') return [];
  if (entry.kind !== 'file') return [entry];
  if (remedy.kind === 'replace') return [withContent(entry, Buffer.from(remedy.content))];
  if (remedy.kind !== 'rewrite' || entry.size > largestRewritten) return [entry];
  const content = Buffer.alloc(entry.size);
  const open = entry.content.open();
  try {
    for (let done = 0; done < content.length; ) {
      const count = open.read(content.subarray(done), done);
      if (count === 0) return [entry];
      done += count;
    }
  } finally {
    open.close();
  }
  return [withContent(entry, rewriteVolatile(remedy.how, content, epoch))];
}

type FileEntry = Extract<TreeEntry, { readonly kind: 'file' }>;

/** The same file with these bytes in it. */
export function withContent(entry: Omit<FileEntry, 'size' | 'content'>, bytes: Buffer): FileEntry {
  const read = (into: Uint8Array, position: number) => {
    const piece = bytes.subarray(position, position + into.length);
    into.set(piece);
    return piece.length;
  };
  return { ...entry, size: bytes.length, content: { open: () => ({ read, close: () => undefined }) } };
}
