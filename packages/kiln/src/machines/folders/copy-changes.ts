import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Header } from 'tar-stream';
import { isSystemError, KilnError } from '../../base/errors.ts';
import type { Guest } from '../../guests/guest.ts';
import { rootCommand } from '../as-root.ts';
import { type FolderChanges, recently } from './compare-listings.ts';
import type { HostEntry, HostListing } from './host-listing.ts';

export interface CopyTarget {
  readonly guest: Guest;
  /** Absolute path of the folder in the machine. */
  readonly path: string;
  /** Ids that everything gets; undefined: as on the host. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly signal: AbortSignal;
}

/** Archives are sent in pieces of about this size, in bytes. */
const batchSize = 8 << 20;
/** Larger files go alone, without being held in memory. */
const largeFile = 16 << 20;
/** Up to so many files take their places at once, each in one step; what is more, as a first copy, is unpacked in place. */
const mostReplaced = 200;

/**
 * Sends what has changed in a folder, and removes what is to be removed. Nothing is read back: what the machine says is
 * used for nothing but errors.
 * @returns how many things were sent
 * @throws KilnError `step-failed`, `guest-disconnected`, `cancelled`
 */
export async function copyChanges(
  target: CopyTarget,
  root: string,
  listing: HostListing,
  { send, remove }: FolderChanges,
): Promise<number> {
  if (remove.length > 0) await removePaths(target, remove);
  if (send.length === 0) return 0;
  const { pack } = await import('tar-stream');
  const files = send.filter((path) => listing.get(path)?.kind === 'file').length;
  const inPlace = files > mostReplaced;
  let batch = new Batch(pack(), inPlace);
  let sent = 0;
  const flush = async () => {
    if (batch.entries === 0) return;
    await unpack(target, batch, await batch.finish());
    batch = new Batch(pack(), inPlace);
  };
  for (const path of send) {
    const entry = listing.get(path);
    if (!entry) continue;
    if (entry.kind === 'file' && entry.size > largeFile) {
      await flush();
      await sendLarge(target, join(root, path), path, entry);
    } else if (!(await batch.add(root, path, entry, target.owner))) continue;
    sent++;
    if (batch.bytes >= batchSize) await flush();
  }
  await flush();
  return sent;
}

/** tar-stream takes extended headers (pax), which its types leave out. */
type EntryHeader = Pick<Header, 'name' | 'mode' | 'mtime' | 'uid' | 'gid'> & {
  readonly pax?: Readonly<Record<string, string>>;
};

class Batch {
  readonly #pack: ReturnType<typeof import('tar-stream')['pack']>;
  readonly #chunks: Buffer[] = [];
  /** A folder in the machine's for files that have not taken their places, each named by its number. */
  readonly staging = `.kiln-${randomBytes(8).toString('hex')}`;
  /** Where those files belong, by their numbers. */
  readonly staged: string[] = [];
  readonly #inPlace: boolean;
  bytes = 0;
  entries = 0;

  constructor(pack: ReturnType<typeof import('tar-stream')['pack']>, inPlace: boolean) {
    this.#pack = pack;
    this.#inPlace = inPlace;
    pack.on('data', (chunk) => {
      const bytes = chunk as Buffer;
      this.#chunks.push(bytes);
      this.bytes += bytes.length;
    });
  }

  /** False for a file that has gone away meanwhile. */
  async add(root: string, path: string, entry: HostEntry, owner: CopyTarget['owner']): Promise<boolean> {
    const header: EntryHeader = {
      name: entry.kind === 'folder' ? `${path}/` : path,
      mode: entry.mode,
      mtime: new Date(Number(entry.modified / 1_000_000n)),
      uid: owner?.uid ?? entry.uid,
      gid: owner?.gid ?? entry.gid,
      ...timeWithFraction(entry),
    };
    if (entry.kind !== 'file') {
      const type = entry.kind === 'folder' ? 'directory' : 'symlink';
      this.#pack.entry({ ...header, type, ...(entry.target !== undefined && { linkname: entry.target }) });
    } else {
      const content = await contentOf(join(root, path));
      if (content === undefined) return false;
      const name = this.#inPlace ? path : `${this.staging}/${this.staged.push(path) - 1}`;
      await new Promise<void>((resolve, reject) => {
        this.#pack.entry({ ...header, name, type: 'file' }, content, (error) =>
          error ? reject(error) : resolve(),
        );
      });
    }
    this.entries++;
    return true;
  }

  async finish(): Promise<Buffer> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#pack.once('end', resolve);
      this.#pack.once('error', reject);
    });
    this.#pack.finalize();
    await ended;
    return Buffer.concat(this.#chunks);
  }
}

/**
 * Fractions of seconds take a block of their own each, so that they are sent only where they could be needed: a file that
 * was old when it was sent cannot change within that second any more.
 */
function timeWithFraction({ modified }: HostEntry): Pick<EntryHeader, 'pax'> {
  if (Date.now() - Number(modified / 1_000_000n) > recently) return {};
  const fraction = String(modified % 1_000_000_000n).padStart(9, '0');
  return { pax: { mtime: `${modified / 1_000_000_000n}.${fraction}` } };
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) return undefined;
    throw error;
  }
}

/**
 * tar makes a file empty and unreadable, and its owner and mode come last. A program that watches a folder would see that,
 * so changed files are renamed to their places when they are whole.
 */
async function unpack(target: CopyTarget, { staging, staged }: Batch, archive: Buffer): Promise<void> {
  // GNU tar keeps numbers only when it is told to; others know nothing else.
  const script = `cd "$1" || exit 1; stage=$2; shift 2
if tar --numeric-owner --version >/dev/null 2>&1; then n=--numeric-owner; else n=; fi
if [ $# = 0 ]; then exec tar $n -xpf -; fi
trap 'rm -rf "./$stage"' EXIT
mkdir -m 700 "./$stage" && tar $n -xpf - || exit 1
i=0
for path; do
  ${clearPlace('./$path')}
  mv -f "./$stage/$i" "./$path" || exit 1
  i=$((i + 1))
done`;
  await runAsRoot(target, script, [target.path, staging, ...staged], archive);
}

/** A file is moved into what stands there as a folder or as a link to one, unless that is removed before. */
function clearPlace(path: string): string {
  return `if [ -d "${path}" ]; then rm -f "${path}" 2>/dev/null || rmdir "${path}"; fi`;
}

async function removePaths(target: CopyTarget, paths: readonly string[]): Promise<void> {
  const safe = paths.filter((path) => !path.split('/').some((name) => name === '..' || name === ''));
  const input = Buffer.from(safe.map((path) => `./${path}\0`).join(''));
  await runAsRoot(target, 'cd "$1" && xargs -0 rm -rf --', [target.path], input);
}

async function sendLarge(target: CopyTarget, local: string, path: string, entry: HostEntry): Promise<void> {
  const { uid, gid } = target.owner ?? entry;
  const temporary = `/tmp/kiln-${randomBytes(8).toString('hex')}`;
  await target.guest.upload({
    from: { kind: 'file', path: local },
    to: temporary,
    mode: 0o600,
    signal: target.signal,
  });
  const script = `cd "$1" || exit 1; new=./.\${2##*/}
trap 'rm -f "$new" "$2"' EXIT
mv -f "$2" "$new" && chown "$4" "$new" && chmod "$5" "$new" || exit 1
touch -d "@$6" "$new" 2>/dev/null || touch -d "@\${6%.*}" "$new" || exit 1
${clearPlace('./$3')}
mv -f "$new" "./$3"`;
  const time = `${entry.modified / 1_000_000_000n}.${String(entry.modified % 1_000_000_000n).padStart(9, '0')}`;
  const words = [target.path, temporary, path, `${uid}:${gid}`, entry.mode.toString(8), time];
  await runAsRoot(target, script, words);
}

async function runAsRoot(
  { guest, signal, path }: CopyTarget,
  script: string,
  words: readonly string[],
  input?: Buffer,
): Promise<void> {
  const said: string[] = [];
  const exit = await guest.exec({
    command: rootCommand(script, ...words),
    onLine: (line) => said.push(line),
    signal,
    ...(input === undefined ? {} : { input }),
  });
  if (exit.kind === 'exited' && exit.code === 0) return;
  throw new KilnError(
    exit.kind === 'disconnected' ? 'guest-disconnected' : 'step-failed',
    `files could not be copied to ${path} in the machine: ${said.slice(-3).join('; ') || exit.kind}`,
    { hint: 'is there room on its disk, and may the login become root by sudo without a password?' },
  );
}
