import type { Extract } from 'tar-stream';
import type { TransferOptions } from './guest.ts';
import { guestPath, posixCommand } from './guest-path.ts';
import type { TreeEntry } from './local-tree.ts';
import { sendPacked } from './packed-tree.ts';
import { RemoteProgram } from './remote-program.ts';
import type { SshConnection } from './ssh-connection.ts';
import type { TreeWriter } from './tree-writer.ts';

/**
 * The machine's `tar` is missing or not fit: without `--keep-directory-symlink` (GNU tar) unpacking a tree with a
 * folder `lib` would replace a symlink `lib`, which the other ways of copying follow.
 */
export class TarMissing extends Error {}

const missing = 97;
const chunkSize = 65_536;

/** Sends entries into a remote folder, which is made if need be, in one go. @throws TarMissing @throws KilnError */
export async function uploadTreeByTar(
  connection: SshConnection,
  entries: readonly TreeEntry[],
  to: string,
  options: TransferOptions,
): Promise<void> {
  const script =
    `tar --keep-directory-symlink --version >/dev/null 2>&1 || exit ${missing}; ` +
    'mkdir -p "$1" && cd "$1" && echo ready && exec tar --keep-directory-symlink -xpomf -';
  const program = await RemoteProgram.start(connection, posixCommand(script, guestPath(to)), options.signal);
  if ((await program.readLine()) !== 'ready') {
    const end = await program.finished();
    if (end.code === missing) throw new TarMissing();
    throw await program.endedEarly(`${to} could not be written`);
  }
  try {
    await sendPacked(entries, (piece) => program.write(piece), options.onProgress);
  } catch (error) {
    program.abandon();
    throw error;
  }
  program.end();
  const { code } = await program.finished();
  if (code !== 0) throw await program.endedEarly(`${to} could not be written`);
}

/**
 * Fetches a remote folder's content in one go. The packed size is not known before, so progress has no total.
 * @throws TarMissing
 * @throws KilnError `step-failed`, `file-unsafe`, `disk-full`, `guest-disconnected`, `cancelled`
 */
export async function downloadTreeByTar(
  connection: SshConnection,
  from: string,
  writer: TreeWriter,
  options: TransferOptions & {
    readonly excluded: (path: string) => boolean;
    /** Send what links lead to. */
    readonly followLinks: boolean;
  },
): Promise<void> {
  const { extract } = await import('tar-stream');
  const flags = options.followLinks ? '-chf' : '-cf';
  const script = `command -v tar >/dev/null 2>&1 || exit ${missing}; cd "$1" && exec tar ${flags} - .`;
  const program = await RemoteProgram.start(
    connection,
    posixCommand(script, guestPath(from)),
    options.signal,
  );
  program.end();
  const first = await program.read(chunkSize);
  if (first) {
    const unpacked = extract();
    const feeding = feed(first, program, unpacked, options.onProgress);
    feeding.catch((error: Error) => unpacked.destroy(error));
    try {
      for await (const entry of unpacked) await takeEntry(entry, writer, options.excluded);
      await feeding;
    } catch (error) {
      unpacked.destroy();
      program.abandon();
      throw error;
    }
  }
  const { code, stderr } = await program.finished();
  if (code === missing) throw new TarMissing();
  const harmless = code === 1 && first && stderr.split('\n').every((line) => harmlessWarning.test(line));
  if (code !== 0 && !harmless) throw await program.endedEarly(`${from} could not be read`);
}

export type ArchiveEntry = Extract extends AsyncIterable<infer E> ? E : never;

/** GNU tar ends with 1 for these, and what it has packed is whole. */
const harmlessWarning = /: (file changed as we read it|socket ignored|File removed before we read it)$/;

async function feed(
  first: Buffer,
  program: RemoteProgram,
  unpacked: Extract,
  onProgress: TransferOptions['onProgress'],
): Promise<void> {
  let done = 0;
  for (let chunk: Buffer | undefined = first; chunk; chunk = await program.read(chunkSize)) {
    done += chunk.length;
    if (!unpacked.write(chunk)) await new Promise<void>((resolve) => unpacked.once('drain', () => resolve()));
    onProgress?.(done, undefined);
  }
  unpacked.end(undefined);
}

/** Writes one entry of what a machine sends. @throws KilnError `file-unsafe`, `disk-full` */
export async function takeEntry(
  entry: ArchiveEntry,
  writer: TreeWriter,
  excluded: (path: string) => boolean,
): Promise<void> {
  const { header } = entry;
  const names = namesOf(header.name);
  const skip = names.length === 0 || excludedAbove(names, excluded);
  if (!skip && header.type === 'file') {
    const file = await writer.file(names);
    try {
      for await (const chunk of entry) await file.write(chunk as Buffer);
      await file.finish(header.mode ?? 0o644);
    } finally {
      await file.close();
    }
    return;
  }
  entry.resume();
  if (skip) return;
  if (header.type === 'directory') await writer.folder(names, header.mode ?? 0o755);
  else if (header.type === 'symlink') await writer.symlink(names, header.linkname ?? '');
  else if (header.type === 'link') await writer.hardLink(names, namesOf(header.linkname ?? ''));
}

/** The parts of a packed name, which starts with `./` and has a slash at the end when it is a folder. */
function namesOf(path: string): string[] {
  const inner = path.replace(/^\.\//, '').replace(/\/+$/, '');
  return inner === '' || inner === '.' ? [] : inner.split('/');
}

function excludedAbove(names: readonly string[], excluded: (path: string) => boolean): boolean {
  return names.some((_, index) => excluded(names.slice(0, index + 1).join('/')));
}
