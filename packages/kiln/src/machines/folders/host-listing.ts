import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import type { Excluded } from './exclude-patterns.ts';

/** One thing in a folder of the host. */
export interface HostEntry {
  readonly kind: 'file' | 'folder' | 'symlink';
  /** Permission bits. */
  readonly mode: number;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
  readonly uid: number;
  readonly gid: number;
  /** Of a symlink. */
  readonly target?: string;
}

/** By path relative to the folder; folders before what is in them. */
export type HostListing = ReadonlyMap<string, HostEntry>;

export interface ListingOptions {
  readonly excluded: Excluded;
  readonly followLinks: boolean;
}

/**
 * What is in a folder of the host. Sockets, pipes and devices are left out, and so are links that lead nowhere or to a
 * folder around them, where links are followed.
 * @throws KilnError `file-missing` when the folder itself cannot be read
 */
export async function listHostFolder(root: string, options: ListingOptions): Promise<HostListing> {
  const listing = new Map<string, HostEntry>();
  await listInto(listing, root, '', options, options.followLinks ? [await realOrSame(root)] : []);
  return listing;
}

/** The same for one path in the folder, and what is below it. Nothing when it is not there. */
export async function listHostPath(
  root: string,
  path: string,
  options: ListingOptions,
): Promise<HostListing> {
  const listing = new Map<string, HostEntry>();
  const entry = await entryOf(join(root, path), options.followLinks);
  if (!entry || options.excluded(path, entry.kind === 'folder')) return listing;
  listing.set(path, entry);
  if (entry.kind === 'folder') await listInto(listing, root, path, options, []);
  return listing;
}

async function listInto(
  listing: Map<string, HostEntry>,
  root: string,
  folder: string,
  options: ListingOptions,
  around: readonly string[],
): Promise<void> {
  const names = await namesIn(root, folder);
  for (const name of names.sort()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const local = join(root, path);
    const entry = await entryOf(local, options.followLinks);
    if (!entry || options.excluded(path, entry.kind === 'folder')) continue;
    if (entry.kind !== 'folder') {
      listing.set(path, entry);
      continue;
    }
    const real = options.followLinks ? await realOrSame(local) : local;
    if (around.includes(real)) continue;
    listing.set(path, entry);
    await listInto(listing, root, path, options, options.followLinks ? [...around, real] : []);
  }
}

async function namesIn(root: string, folder: string): Promise<string[]> {
  try {
    return await readdir(join(root, folder));
  } catch (error) {
    // What has just gone away, or is not for this user to see, below the root.
    if (folder !== '' && isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return [];
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) {
      throw new KilnError('file-missing', `the folder ${root} cannot be read: ${error.message}`, {
        hint: 'make it, or give another one as the synced folder',
        cause: error,
      });
    }
    throw error;
  }
}

async function entryOf(local: string, followLinks: boolean): Promise<HostEntry | undefined> {
  try {
    const facts = await (followLinks ? stat : lstat)(local, { bigint: true });
    const kind = kindOf(facts);
    if (kind === undefined) return undefined;
    return {
      kind,
      mode: Number(facts.mode & 0o7777n),
      size: kind === 'file' ? Number(facts.size) : 0,
      modified: facts.mtimeNs,
      uid: Number(facts.uid),
      gid: Number(facts.gid),
      ...(kind === 'symlink' && { target: await readlink(local) }),
    };
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined;
    throw error;
  }
}

function kindOf(facts: BigIntStats): HostEntry['kind'] | undefined {
  if (facts.isFile()) return 'file';
  if (facts.isDirectory()) return 'folder';
  return facts.isSymbolicLink() ? 'symlink' : undefined;
}

async function realOrSame(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ELOOP', 'EACCES')) return path;
    throw error;
  }
}
