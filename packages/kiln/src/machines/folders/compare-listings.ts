import type { Excluded } from './exclude-patterns.ts';
import type { HostEntry, HostListing } from './host-listing.ts';

/** One thing in a folder of the machine, as `find` there tells. */
export interface GuestEntry {
  readonly kind: 'file' | 'folder' | 'symlink' | 'other';
  readonly mode: number;
  readonly size: number;
  /** Seconds since 1970, with a fraction as far as the machine tells one. */
  readonly modified: string;
  readonly target?: string;
  readonly uid: number;
  readonly gid: number;
}

export interface FolderChanges {
  /** Paths to send, folders before what is in them. */
  readonly send: readonly string[];
  /** Paths to remove first: what is something else now, and what is gone. What is below them goes along. */
  readonly remove: readonly string[];
}

export interface CompareOptions {
  readonly excluded: Excluded;
  readonly delete: boolean;
  /** Ids that everything is to have; undefined: as on the host. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** What has to be done to make a folder of the machine what it is on the host: by size, time, mode and owner. */
export function compareListings(
  host: HostListing,
  guest: ReadonlyMap<string, GuestEntry>,
  options: CompareOptions,
): FolderChanges {
  const send: string[] = [];
  const remove: string[] = [];
  for (const [path, entry] of host) {
    const there = guest.get(path);
    if (there !== undefined && there.kind !== entry.kind) remove.push(path);
    if (there === undefined || !isSame(entry, there, options)) send.push(path);
  }
  if (options.delete) {
    for (const [path, there] of guest) {
      if (!host.has(path) && !options.excluded(path, there.kind === 'folder')) remove.push(path);
    }
  }
  // rsync keeps a folder when something in it is left out.
  const gone = new Set(remove.filter((path) => host.has(path) || !holdsExcluded(path, guest, options)));
  return { send, remove: [...gone].filter((path) => !foldersAbove(path).some((one) => gone.has(one))) };
}

function isSame(entry: HostEntry, there: GuestEntry, { owner }: CompareOptions): boolean {
  if (there.kind !== entry.kind) return false;
  const { uid, gid } = owner ?? entry;
  if (there.uid !== uid || there.gid !== gid) return false;
  if (entry.kind === 'symlink') return there.target === entry.target;
  if (there.mode !== entry.mode) return false;
  return entry.kind === 'folder' || (there.size === entry.size && isSameTime(entry.modified, there.modified));
}

/** What was changed so shortly ago may change again within the same second, in milliseconds. */
export const recently = 5000;

/**
 * A time without a fraction is as good as a whole one for a file that was not new when it was sent (copy-changes.ts). Some
 * machines keep no fractions at all: what is new is not trusted to be the same there.
 */
function isSameTime(nanoseconds: bigint, there: string): boolean {
  const [seconds, fraction = ''] = there.split('.');
  if (nanoseconds / 1_000_000_000n !== BigInt(seconds!)) return false;
  const own = nanoseconds % 1_000_000_000n;
  const digits = BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  if (digits !== 0n) return digits === own;
  return own === 0n || Date.now() - Number(nanoseconds / 1_000_000n) > recently;
}

function holdsExcluded(
  path: string,
  guest: ReadonlyMap<string, GuestEntry>,
  { excluded }: CompareOptions,
): boolean {
  if (guest.get(path)?.kind !== 'folder') return false;
  for (const [other, { kind }] of guest) {
    if (other.startsWith(`${path}/`) && excluded(other, kind === 'folder')) return true;
  }
  return false;
}

function foldersAbove(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
}
