import type { OpenContent, TreeEntry } from '@kiln/diskimage';
import type { SystemEntry, SystemFiles } from './system-files.ts';

/** The files of a tree of @kiln/diskimage, such as one that is about to become a filesystem. */
export function treeFiles(tree: Iterable<TreeEntry>): SystemFiles {
  const entries = new Map<string, SystemEntry>();
  for (const entry of tree) entries.set(entry.path, entry);
  return {
    entries,
    async read(path, limit = Number.POSITIVE_INFINITY) {
      const entry = entries.get(path) as TreeEntry | undefined;
      if (entry?.kind === 'link') return this.read(entry.to, limit);
      if (entry?.kind !== 'file') throw new TypeError(`${path} is not a file of this tree`);
      const content = entry.content.open();
      try {
        return readAll(content, Math.min(entry.size, limit));
      } finally {
        content.close();
      }
    },
  };
}

function readAll(content: OpenContent, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const got = content.read(bytes.subarray(done), done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}
