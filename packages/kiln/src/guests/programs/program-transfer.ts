import { KilnError } from '../../base/errors.ts';
import type { GuestUpload, TransferOptions, TreeOptions } from '../guest.ts';
import { guestPath, joinGuestPath } from '../guest-path.ts';
import type { TreeEntry } from '../local-tree.ts';
import { sendPacked } from '../packed-tree.ts';
import { receiveFile } from '../received-file.ts';
import { takeEntry } from '../tar-transfer.ts';
import { TreeWriter } from '../tree-writer.ts';
import { openUploadSource } from '../upload-source.ts';
import { type RunningProgram, succeeded, writeInput } from './running-program.ts';

/** Starts a script of a POSIX shell in the guest, in the home folder, with arguments. */
export type StartScript = (script: string, ...args: readonly string[]) => Promise<RunningProgram>;

const chunkSize = 65_536;

/** @throws KilnError `file-missing`, `step-failed`, `disk-full`, `cancelled` */
export async function uploadFile(start: StartScript, file: GuestUpload): Promise<void> {
  const source = await openUploadSource(file.from, file.mode);
  try {
    const mode = (source.mode & 0o7777).toString(8);
    const program = await start('umask 077; cat >"$1" && chmod "$2" "$1"', guestPath(file.to), mode);
    let done = 0;
    for await (const chunk of source.chunks(chunkSize)) {
      await writeInput(program, chunk);
      done += chunk.length;
      file.onProgress?.(done, source.size);
    }
    program.stdin.end();
    await succeeded(program, `${file.to} could not be written`, file.signal);
  } finally {
    await source.close();
  }
}

/**
 * Copies entries into a folder, which is made if need be. Like the other ways of copying, it follows links to folders
 * where the entries have folders; a `tar` that cannot (busybox) is not used.
 * @throws KilnError `file-missing`, `step-failed`, `disk-full`, `cancelled`
 */
export async function uploadEntries(
  start: StartScript,
  entries: readonly TreeEntry[],
  to: string,
  options: TransferOptions,
): Promise<void> {
  const folder = guestPath(to);
  const probe = await start(
    'mkdir -p "$1" || exit 1; tar --keep-directory-symlink --version >/dev/null 2>&1 || exit 97',
    folder,
  );
  probe.stdin.end();
  const exit = await probe.ended;
  if (exit.kind === 'exited' && exit.code === 97) return await uploadSingly(start, entries, folder, options);
  await succeeded(probe, `${to} could not be written`, options.signal);
  const program = await start('cd "$1" && exec tar --keep-directory-symlink -xpomf -', folder);
  try {
    await sendPacked(entries, (piece) => writeInput(program, piece), options.onProgress);
  } catch (error) {
    program.abandon();
    await program.ended;
    throw error;
  }
  program.stdin.end();
  await succeeded(program, `${to} could not be written`, options.signal);
}

async function uploadSingly(
  start: StartScript,
  entries: readonly TreeEntry[],
  folder: string,
  options: TransferOptions,
): Promise<void> {
  const signal = options.signal ? { signal: options.signal } : {};
  for (const entry of entries) {
    const to = joinGuestPath(folder, entry.path);
    if (entry.kind === 'file') {
      await uploadFile(start, { from: { kind: 'file', path: entry.local }, to, mode: entry.mode, ...signal });
      continue;
    }
    const program = await (entry.kind === 'folder'
      ? start('mkdir -p "$1" && chmod "$2" "$1"', to, (entry.mode & 0o7777).toString(8))
      : start('rm -f "$1" && ln -s -- "$2" "$1"', to, entry.target));
    program.stdin.end();
    await succeeded(program, `${to} could not be written`, options.signal);
  }
}

/** @throws KilnError `file-missing`, `file-unsafe`, `step-failed`, `disk-full`, `cancelled` */
export async function downloadFile(
  start: StartScript,
  from: string,
  toLocal: string,
  options: TransferOptions,
): Promise<void> {
  const failure = `${from} could not be read`;
  const facts = await start('test -f "$1" && exec stat -L -c "%a %s" "$1"', guestPath(from));
  facts.stdin.end();
  let text = '';
  facts.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  await succeeded(facts, failure, options.signal);
  const [mode, size] = text.trim().split(' ');
  const program = await start('exec cat "$1"', guestPath(from));
  program.stdin.end();
  const receiver = await receiveFile(toLocal);
  try {
    let done = 0;
    for await (const chunk of program.stdout) {
      await receiver.write(chunk as Buffer);
      done += (chunk as Buffer).length;
      options.onProgress?.(done, Number(size));
    }
    await succeeded(program, failure, options.signal);
    await receiver.finish(Number.parseInt(mode!, 8));
  } finally {
    program.abandon();
    await receiver.close();
  }
}

/** Copies what is in a folder. @throws KilnError `file-unsafe`, `step-failed`, `disk-full`, `cancelled` */
export async function downloadFolder(
  start: StartScript,
  from: string,
  toLocal: string,
  options: TreeOptions,
): Promise<void> {
  const { extract } = await import('tar-stream');
  const excludedNames = new Set(options.exclude?.map((name) => name.replace(/^\.?\/+|\/+$/g, '')));
  const writer = new TreeWriter(toLocal);
  await writer.begin();
  const program = await start('cd "$1" && exec tar -cf - .', guestPath(from));
  program.stdin.end();
  const unpacked = extract();
  let done = 0;
  program.stdout.on('data', (chunk: Buffer) => {
    done += chunk.length;
    options.onProgress?.(done, undefined);
  });
  program.stdout.pipe(unpacked);
  try {
    for await (const entry of unpacked) await takeEntry(entry, writer, (path) => excludedNames.has(path));
  } catch (error) {
    program.abandon();
    // An archive that was broken off says less than the program that did it.
    if (!(error instanceof KilnError)) await succeeded(program, `${from} could not be read`, options.signal);
    throw error;
  }
  await succeeded(program, `${from} could not be read`, options.signal);
  await writer.finish();
}
