import type { TreeEntry } from '@kiln/diskimage';
import { parentOf } from '../system/follow-path.ts';
import { pathMatcher } from '../system/path-patterns.ts';
import { cleaningOf } from './is-cleaned.ts';

export interface CleaningOptions {
  /** Absolute paths of what somebody put there on purpose: files, or folders with all in them. `*` as in a shell. */
  readonly keep?: readonly string[];
}

type FirstName = Exclude<TreeEntry, { readonly kind: 'link' }>;

/**
 * The tree as it is to be in an image: without what makes a system one particular machine, and without what is left over
 * from making it (cleaning-list.ts). Nothing on the disk is touched, so no link can lead out of the tree.
 */
export function cleanEntries(tree: Iterable<TreeEntry>, { keep = [] }: CleaningOptions = {}): TreeEntry[] {
  const entries = [...tree];
  const isKept = pathMatcher(keep, 'path-or-below');
  const gone = new Map<string, TreeEntry>();
  const needed = new Set<string>();
  for (const entry of entries) {
    if (!isKept(entry.path)) {
      if (cleaningOf(entry.path, entry.kind) === 'remove') gone.set(entry.path, entry);
      continue;
    }
    for (let folder = entry.path; folder !== ''; ) {
      folder = parentOf(folder);
      needed.add(folder);
    }
  }
  for (const folder of needed) gone.delete(folder);
  const moved = newFirstNames(entries, gone);
  return entries.flatMap((entry): TreeEntry[] => {
    if (gone.has(entry.path)) return [];
    const first = entry.kind === 'link' ? resolveLink(entry.path, entry.to, moved) : entry;
    if (first.kind !== 'file' || isKept(first.path) || cleaningOf(first.path, 'file') !== 'empty')
      return [first];
    return [{ ...first, size: 0, content: noContent }];
  });
}

const noContent = { open: () => ({ read: () => 0, close: () => undefined }) };

/** Files whose first name goes while another stays: what they are, and the name that becomes the first. */
function newFirstNames(
  entries: readonly TreeEntry[],
  gone: ReadonlyMap<string, TreeEntry>,
): ReadonlyMap<string, FirstName> {
  const moved = new Map<string, FirstName>();
  for (const entry of entries) {
    if (entry.kind !== 'link' || gone.has(entry.path) || moved.has(entry.to)) continue;
    const first = gone.get(entry.to);
    if (first && first.kind !== 'link') moved.set(entry.to, { ...first, path: entry.path });
  }
  return moved;
}

function resolveLink(path: string, to: string, moved: ReadonlyMap<string, FirstName>): TreeEntry {
  const first = moved.get(to);
  if (!first) return { kind: 'link', path, to };
  return first.path === path ? first : { kind: 'link', path, to: first.path };
}
