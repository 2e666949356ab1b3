import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import type { SystemEntry, SystemFiles } from './system-files.ts';

/**
 * The files of a system in a folder of this host. Reading what belongs to other users takes root's rights, or a user
 * namespace (base/user-namespace.ts). No link is followed: neither here nor by whoever reads.
 */
export function folderFiles(root: string): SystemFiles {
  const entries = new Map<string, SystemEntry>();
  const firstNames = new Map<string, string>();
  const base = Buffer.from(root);
  const walk = (path: string) => {
    const names = readdirSync(hostPath(base, path), { encoding: 'buffer' })
      .map((name) => name.toString('latin1'))
      .sort();
    for (const name of names) {
      const inner = path === '' ? name : `${path}/${name}`;
      const entry = entryOf(base, inner, firstNames);
      entries.set(inner, entry);
      if (entry.kind === 'directory') walk(inner);
    }
  };
  entries.set('', entryOf(base, '', firstNames));
  walk('');
  return {
    entries,
    async read(path, limit) {
      return readHead(hostPath(base, path), limit);
    },
  };
}

function hostPath(base: Buffer, path: string): Buffer {
  return path === '' ? base : Buffer.concat([base, Buffer.from(`/${path}`, 'latin1')]);
}

function entryOf(base: Buffer, path: string, firstNames: Map<string, string>): SystemEntry {
  const host = hostPath(base, path);
  const stat = lstatSync(host);
  const attributes = {
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    mtime: Math.floor(stat.mtimeMs / 1000),
  };
  if (stat.isDirectory()) return { kind: 'directory', ...attributes };
  if (stat.nlink > 1) {
    const id = `${stat.dev}:${stat.ino}`;
    const first = firstNames.get(id);
    if (first !== undefined) return { kind: 'link', to: first };
    firstNames.set(id, path);
  }
  if (stat.isFile()) return { kind: 'file', ...attributes, size: stat.size };
  if (stat.isSymbolicLink()) {
    const target = readlinkSync(host, { encoding: 'buffer' }).toString('latin1');
    return { kind: 'symlink', ...attributes, target };
  }
  if (stat.isFIFO()) return { kind: 'fifo', ...attributes };
  if (stat.isSocket()) return { kind: 'socket', ...attributes };
  const device = { major: deviceMajor(stat.rdev), minor: deviceMinor(stat.rdev) };
  return { kind: stat.isBlockDevice() ? 'block' : 'character', ...attributes, ...device };
}

/** How Linux packs device numbers into one: makedev(3). */
function deviceMajor(rdev: number): number {
  return Math.floor(rdev / 256) & 0xfff;
}

function deviceMinor(rdev: number): number {
  return (rdev & 0xff) | (Math.floor(rdev / 4096) & 0xfff00);
}

function readHead(path: Buffer, limit = Number.POSITIVE_INFINITY): Uint8Array {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const bytes = Buffer.allocUnsafe(Math.min(fstatSync(file).size, limit));
    let done = 0;
    while (done < bytes.length) {
      const got = readSync(file, bytes, done, bytes.length - done, done);
      if (got === 0) break;
      done += got;
    }
    return bytes.subarray(0, done);
  } finally {
    closeSync(file);
  }
}
