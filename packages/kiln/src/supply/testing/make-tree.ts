import type { FileContent, TreeEntry } from '@kiln/diskimage';

/** A file of a test's tree: its text, or more of it. */
export type TreeFile =
  | string
  | {
      readonly text?: string;
      readonly bytes?: Uint8Array;
      readonly mode?: number;
      readonly uid?: number;
      readonly mtime?: number;
    }
  | { readonly symlink: string }
  | { readonly link: string }
  | { readonly folder: true };

/** When files of a test's tree were changed unless it says: before anything is installed. */
export const treeTime = 1_600_000_000;

/** A tree of files in memory, with the folders that they are in, in the order of scanned ones. */
export function makeTree(files: Readonly<Record<string, TreeFile>>): TreeEntry[] {
  const entries = new Map<string, TreeEntry>();
  const base = { uid: 0, gid: 0, mtime: treeTime };
  entries.set('', { kind: 'directory', path: '', mode: 0o755, ...base });
  for (const [path, file] of Object.entries(files)) {
    const names = path.split('/');
    for (let count = 1; count < names.length; count += 1) {
      const folder = names.slice(0, count).join('/');
      if (!entries.has(folder))
        entries.set(folder, { kind: 'directory', path: folder, mode: 0o755, ...base });
    }
    entries.set(path, entryOf(path, file));
  }
  return [...entries.values()].sort((a, b) => (sortKey(a.path) < sortKey(b.path) ? -1 : 1));
}

function entryOf(path: string, file: TreeFile): TreeEntry {
  const base = { path, uid: 0, gid: 0, mtime: treeTime, mode: 0o644 };
  if (typeof file === 'string') return { kind: 'file', ...base, ...contentOf(Buffer.from(file)) };
  if ('symlink' in file) return { kind: 'symlink', ...base, mode: 0o777, target: file.symlink };
  if ('link' in file) return { kind: 'link', path, to: file.link };
  if ('folder' in file) return { kind: 'directory', ...base, mode: 0o755 };
  const { text = '', bytes = Buffer.from(text), ...more } = file;
  return { kind: 'file', ...base, ...more, ...contentOf(bytes) };
}

function contentOf(bytes: Uint8Array): { readonly size: number; readonly content: FileContent } {
  const read = (into: Uint8Array, position: number) => {
    const part = bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  };
  return { size: bytes.length, content: { open: () => ({ read, close: () => undefined }) } };
}

function sortKey(path: string): string {
  return path.replaceAll('/', '\0');
}
