import assert from 'node:assert/strict';
import type { ImageContent } from '../ext4/reader/file-content.ts';
import type { FileContent, TreeEntry } from '../tree/tree-entry.ts';

type AnyEntry = TreeEntry<FileContent | ImageContent>;

/** Two trees have the same entries with the same content. What is called lost+found may be in one only. */
export async function assertSameTree(
  actual: readonly AnyEntry[],
  expected: readonly AnyEntry[],
  what: string,
): Promise<void> {
  const left = byPath(actual);
  const right = byPath(expected);
  assert.deepEqual([...left.keys()], [...right.keys()], `${what}: paths`);
  for (const [path, entry] of left) {
    const other = right.get(path)!;
    assert.deepEqual(plain(entry), plain(other), `${what}: ${JSON.stringify(path)}`);
    if (entry.kind === 'file' && other.kind === 'file')
      assert.ok((await bytesOf(entry)).equals(await bytesOf(other)), `${what}: content of ${path}`);
  }
}

/** By path; of several names for one file the first is the file. */
function byPath(entries: readonly AnyEntry[]): Map<string, AnyEntry> {
  const groups = new Map<string, { entry: Exclude<AnyEntry, { kind: 'link' }>; names: string[] }>();
  for (const entry of entries)
    if (entry.kind !== 'link') groups.set(entry.path, { entry, names: [entry.path] });
  for (const entry of entries) {
    if (entry.kind !== 'link') continue;
    let to = entry.to;
    for (let next = entries.find(({ path }) => path === to); next?.kind === 'link'; ) {
      to = next.to;
      next = entries.find(({ path }) => path === to);
    }
    groups.get(to)!.names.push(entry.path);
  }
  const found: AnyEntry[] = [];
  for (const { entry, names } of groups.values()) {
    const [first, ...others] = names.sort();
    found.push({ ...entry, path: first! });
    for (const path of others) found.push({ kind: 'link', path, to: first! });
  }
  const kept = found.filter(({ path }) => path !== 'lost+found');
  return new Map(kept.sort((a, b) => (a.path < b.path ? -1 : 1)).map((entry) => [entry.path, entry]));
}

function plain(entry: AnyEntry): unknown {
  if (entry.kind === 'link') return entry;
  const { xattrs, ...rest } = entry;
  const { content: _, ...fields } = { content: undefined, ...rest };
  const attributes = [...(xattrs ?? [])].map(([name, value]) => [name, Buffer.from(value).toString('hex')]);
  return { ...fields, xattrs: attributes.sort() };
}

async function bytesOf(entry: AnyEntry & { readonly kind: 'file' }): Promise<Buffer> {
  const bytes = Buffer.alloc(entry.size);
  const { content } = entry;
  if ('open' in content) {
    const opened = content.open();
    for (let done = 0; done < bytes.length; ) {
      const length = opened.read(bytes.subarray(done), done);
      assert.ok(length > 0, 'the file ends too early');
      done += length;
    }
    opened.close();
  } else assert.equal(await content.read(bytes, 0), bytes.length);
  return bytes;
}
