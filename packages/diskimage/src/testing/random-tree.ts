import type { FileContent, HardLink, TreeEntry } from '../tree/tree-entry.ts';
import { seededRandom } from './random-disk.ts';

export interface RandomTreeOptions {
  readonly seed: number;
  /** How many entries, about; default 150. */
  readonly entries?: number;
  /** Bytes of the largest files; default 300000. */
  readonly largest?: number;
}

/** A tree with everything that a Linux filesystem can hold, parents before what is in them. */
export function randomTree({ seed, entries = 150, largest = 300_000 }: RandomTreeOptions): TreeEntry[] {
  const random = seededRandom(seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const tree: TreeEntry[] = [{ kind: 'directory', ...base('', random), mode: 0o755 }];
  const directories = [''];
  const files: string[] = [];
  const taken = new Set(['lost+found']);
  while (tree.length < entries) {
    const parent = directories[upTo(directories.length)]!;
    const name = randomName(random);
    const path = parent === '' ? name : `${parent}/${name}`;
    if (taken.has(path)) continue;
    taken.add(path);
    const common = base(path, random);
    switch (upTo(12)) {
      case 0:
      case 1:
        tree.push({ kind: 'directory', ...common });
        directories.push(path);
        break;
      case 2:
        tree.push({ kind: 'symlink', ...common, mode: 0o777, target: randomTarget(random) });
        break;
      case 3:
        if (files.length > 0) tree.push({ kind: 'link', path, to: files[upTo(files.length)]! });
        break;
      case 4:
        tree.push({ kind: random() < 0.5 ? 'fifo' : 'socket', ...common });
        break;
      case 5:
        tree.push({
          kind: random() < 0.5 ? 'character' : 'block',
          ...common,
          major: upTo(random() < 0.5 ? 256 : 4096),
          minor: upTo(random() < 0.5 ? 256 : 1_000_000),
        });
        break;
      default: {
        const bytes = randomBytes(random, random() < 0.2 ? upTo(largest) : upTo(12_000));
        tree.push({ kind: 'file', ...common, size: bytes.length, content: bytesContent(bytes) });
        files.push(path);
      }
    }
  }
  return tree;
}

/** The same entries in another order. */
export function shuffled<Value>(values: readonly Value[], seed: number): Value[] {
  const random = seededRandom(seed);
  const copy = [...values];
  for (let index = copy.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [copy[index], copy[other]] = [copy[other]!, copy[index]!];
  }
  return copy;
}

/** A file with plain settings. */
export function plainFile(path: string, bytes: Uint8Array | string): FileEntry {
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return {
    kind: 'file',
    path,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 1_700_000_000,
    size: content.length,
    content: bytesContent(content),
  };
}

export function plainDirectory(path: string): TreeEntry {
  return { kind: 'directory', path, mode: 0o755, uid: 0, gid: 0, mtime: 1_700_000_000 };
}

export type FileEntry = Exclude<TreeEntry, HardLink> & { readonly kind: 'file' };

export function bytesContent(bytes: Uint8Array): FileContent {
  return {
    open: () => ({
      read(into, position) {
        const part = bytes.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      close() {},
    }),
  };
}

function base(path: string, random: () => number) {
  const upTo = (limit: number) => Math.floor(random() * limit);
  const xattrs = random() < 0.25 ? randomXattrs(random) : undefined;
  return {
    path,
    mode: upTo(0o10000),
    uid: random() < 0.7 ? 0 : upTo(2 ** 32 - 1),
    gid: random() < 0.7 ? 0 : upTo(70_000),
    mtime: random() < 0.9 ? upTo(2 ** 31) : upTo(2 ** 33),
    ...(xattrs ? { xattrs } : {}),
  };
}

/** Only `trusted.` and `security.` are allowed on every kind of file. */
function randomXattrs(random: () => number): Map<string, Uint8Array> {
  const xattrs = new Map<string, Uint8Array>();
  if (random() < 0.3) xattrs.set('security.capability', capability);
  for (let count = Math.floor(random() * 6); count > 0; count--)
    xattrs.set(
      `trusted.${'name'.repeat(1 + Math.floor(random() * 20))}${count}`,
      randomBytes(random, Math.floor(random() * (random() < 0.8 ? 40 : 500))),
    );
  return xattrs;
}

/** cap_net_bind_service=ep, in the second version of the format. */
const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');

function randomName(random: () => number): string {
  const length = random() < 0.05 ? 255 : 1 + Math.floor(random() * 20);
  let name = '';
  while (name.length < length) {
    const code = random() < 0.9 ? 97 + Math.floor(random() * 26) : 1 + Math.floor(random() * 255);
    if (code !== 47) name += String.fromCharCode(code);
  }
  return name === '.' || name === '..' ? 'dots' : name;
}

function randomTarget(random: () => number): string {
  const length = [1, 20, 58, 59, 60, 61, 200, 4095][Math.floor(random() * 8)]!;
  return 'target/'.repeat(600).slice(0, length);
}

/** Data with areas of zeros, so that some pieces become holes. */
function randomBytes(random: () => number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const end = Math.min(length, at + 1 + Math.floor(random() * 100_000));
    if (random() < 0.7) bytes.fill(Buffer.from(`${random()}`), at, end);
    at = end;
  }
  return bytes;
}
