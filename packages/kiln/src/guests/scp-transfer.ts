import { KilnError } from '../base/errors.ts';
import type { GuestUpload, TransferOptions } from './guest.ts';
import { guestFolder, guestName, guestPath, quotePath } from './guest-path.ts';
import type { TreeEntry } from './local-tree.ts';
import type { FileReceiver } from './received-file.ts';
import { RemoteProgram } from './remote-program.ts';
import type { SshConnection } from './ssh-connection.ts';
import type { TreeWriter } from './tree-writer.ts';
import { openUploadSource, type UploadSource } from './upload-source.ts';

/*
 * The protocol that `scp -t` (to) and `scp -f` (from) speak, as OpenSSH's scp.c has it: each message is a line
 * `C<mode> <size> <name>` (a file, its bytes and a zero byte follow), `D<mode> 0 <name>` (into a folder), `E` (out
 * of it) or `T…` (times); the other side answers 0, or 1 or 2 and a line with its complaint.
 */

/** The machine has no `scp`. */
export class ScpMissing extends Error {}

const chunkSize = 65_536;

/** @throws ScpMissing @throws KilnError `step-failed`, `guest-disconnected`, `file-missing`, `cancelled` */
export async function uploadByScp(connection: SshConnection, file: GuestUpload): Promise<void> {
  const source = await openUploadSource(file.from, file.mode);
  try {
    const to = guestPath(file.to);
    // A name with a line end cannot stand in the protocol; as an argument it can.
    const name = guestName(to);
    const inLine = !name.includes('\n') && !to.endsWith('/');
    const sink = await startSink(connection, inLine ? guestFolder(to) : to, '-pt', file.signal);
    await sendFile(sink, source, inLine ? name : 'file', file.to, file.onProgress);
    await finish(sink, file.to);
  } finally {
    await source.close();
  }
}

/**
 * Sends entries into an existing remote folder. Symlinks and names with line ends, which the protocol cannot
 * carry, are left out: see `scpCanCarry`.
 * @throws ScpMissing @throws KilnError
 */
export async function uploadTreeByScp(
  connection: SshConnection,
  entries: readonly TreeEntry[],
  to: string,
  options: TransferOptions,
): Promise<void> {
  const sink = await startSink(connection, guestPath(to), '-rpt', options.signal);
  const total = entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0);
  let before = 0;
  let inside: string[] = [];
  const moveTo = async (folder: readonly string[]) => {
    while (inside.length > folder.length || inside.some((name, index) => name !== folder[index])) {
      await say(sink, 'E', inside.join('/'));
      inside = inside.slice(0, -1);
    }
  };
  for (const entry of entries) {
    const names = entry.path.split('/');
    await moveTo(names.slice(0, -1));
    if (entry.kind === 'folder') {
      await say(sink, `D${octal(entry.mode)} 0 ${names.at(-1)}`, entry.path);
      inside = names;
    } else if (entry.kind === 'file') {
      const source = await openUploadSource({ kind: 'file', path: entry.local }, entry.mode);
      try {
        const sent = before;
        await sendFile(sink, source, names.at(-1)!, entry.path, (done) =>
          options.onProgress?.(sent + done, total),
        );
      } finally {
        await source.close();
      }
      before += entry.size;
    }
  }
  await moveTo([]);
  await finish(sink, to);
}

export function scpCanCarry(entry: TreeEntry): boolean {
  return entry.kind !== 'symlink' && !entry.path.includes('\n');
}

/** @throws ScpMissing @throws KilnError `step-failed`, `file-unsafe`, `guest-disconnected`, `cancelled` */
export async function downloadByScp(
  connection: SshConnection,
  from: string,
  receive: () => Promise<FileReceiver>,
  options: TransferOptions,
): Promise<void> {
  const source = await startSource(connection, from, '-f', options.signal);
  const message = await nextMessage(source, from);
  if (message?.kind !== 'file') throw protocolError(from, 'it is not a file');
  const receiver = await receive();
  try {
    await receiveBytes(source, message.size, from, async (chunk, done) => {
      await receiver.write(chunk);
      options.onProgress?.(done, message.size);
    });
    await receiver.finish(message.mode);
  } catch (error) {
    source.abandon();
    throw error;
  } finally {
    await receiver.close();
  }
  await nextMessage(source, from);
  source.end();
}

/** @throws ScpMissing @throws KilnError `step-failed`, `file-unsafe`, `guest-disconnected`, `cancelled` */
export async function downloadTreeByScp(
  connection: SshConnection,
  from: string,
  writer: TreeWriter,
  options: TransferOptions & { readonly excluded: (path: string) => boolean },
): Promise<void> {
  const source = await startSource(connection, from, '-rf', options.signal);
  const excluded = (names: readonly string[]) =>
    names.some((_, index) => options.excluded(names.slice(0, index + 1).join('/')));
  // The first folder is the one that was asked for; its local name is ours to choose.
  let inside: string[] | undefined;
  let done = 0;
  try {
    for (;;) {
      const message = await nextMessage(source, from);
      if (!message) break;
      if (message.kind === 'leave') {
        if (!inside) throw protocolError(from, 'it ends a folder that was never begun');
        inside = inside.length === 0 ? undefined : inside.slice(0, -1);
        await source.write(ok);
        continue;
      }
      if (message.kind === 'folder') {
        inside = inside ? [...inside, message.name] : [];
        if (inside.length > 0 && !excluded(inside)) await writer.folder(inside, message.mode);
        await source.write(ok);
        continue;
      }
      if (!inside) throw protocolError(from, 'it is not a folder');
      const names = [...inside, message.name];
      if (excluded(names)) {
        await receiveBytes(source, message.size, from, async () => {});
        continue;
      }
      const file = await writer.file(names);
      try {
        await receiveBytes(source, message.size, from, async (chunk) => {
          await file.write(chunk);
          done += chunk.length;
          options.onProgress?.(done, undefined);
        });
        await file.finish(message.mode);
      } finally {
        await file.close();
      }
    }
  } catch (error) {
    source.abandon();
    throw error;
  }
  source.end();
}

const ok = Buffer.from([0]);

async function startSink(
  connection: SshConnection,
  target: string,
  flags: string,
  signal: AbortSignal | undefined,
): Promise<RemoteProgram> {
  const sink = await RemoteProgram.start(connection, `scp ${flags} ${quotePath(target)}`, signal);
  await acknowledged(sink, target);
  return sink;
}

async function startSource(
  connection: SshConnection,
  from: string,
  flags: string,
  signal: AbortSignal | undefined,
): Promise<RemoteProgram> {
  const command = `scp ${flags} ${quotePath(guestPath(from))}`;
  const source = await RemoteProgram.start(connection, command, signal);
  await source.write(ok);
  return source;
}

async function sendFile(
  sink: RemoteProgram,
  source: UploadSource,
  name: string,
  shown: string,
  onProgress: TransferOptions['onProgress'],
): Promise<void> {
  await say(sink, `C${octal(source.mode)} ${source.size} ${name}`, shown);
  let done = 0;
  for await (const chunk of source.chunks(chunkSize)) {
    await sink.write(chunk);
    done += chunk.length;
    onProgress?.(done, source.size);
  }
  await sink.write(ok);
  await acknowledged(sink, shown);
}

async function say(sink: RemoteProgram, line: string, shown: string): Promise<void> {
  await sink.write(`${line}\n`);
  await acknowledged(sink, shown);
}

async function acknowledged(program: RemoteProgram, shown: string): Promise<void> {
  const answer = await program.readByte();
  if (answer === 0) return;
  if (answer === undefined) {
    const { code, stderr } = await program.finished();
    if (code === 127 || /(not found|No such file).*scp|scp.*(not found|not recognized)/i.test(stderr))
      throw new ScpMissing();
    throw await program.endedEarly(`${shown} could not be written`);
  }
  const complaint = await program.readLine();
  program.abandon();
  throw new KilnError('step-failed', `${shown} could not be written: ${withoutName(complaint)}`);
}

async function finish(sink: RemoteProgram, shown: string): Promise<void> {
  sink.end();
  const { code } = await sink.finished();
  if (code !== 0) throw await sink.endedEarly(`${shown} could not be written`);
}

type ScpMessage =
  | { readonly kind: 'file'; readonly mode: number; readonly size: number; readonly name: string }
  | { readonly kind: 'folder'; readonly mode: number; readonly name: string }
  | { readonly kind: 'leave' };

/** The next thing the source sends; undefined at its orderly end. Times are skipped. */
async function nextMessage(source: RemoteProgram, from: string): Promise<ScpMessage | undefined> {
  for (;;) {
    const first = await source.readByte();
    if (first === undefined) {
      const { code, stderr } = await source.finished();
      if (code === 0) return undefined;
      if (code === 127) throw new ScpMissing(stderr);
      throw await source.endedEarly(`${from} could not be read`);
    }
    if (first === 1 || first === 2) {
      const complaint = withoutName(await source.readLine());
      source.abandon();
      throw new KilnError('step-failed', `${from} could not be read: ${complaint}`);
    }
    const line = String.fromCharCode(first) + (await source.readLine());
    if (line === 'E') return { kind: 'leave' };
    if (line.startsWith('T')) {
      await source.write(ok);
      continue;
    }
    const match = /^([CD])([0-7]{3,5}) (\d{1,15}) (.+)$/s.exec(line);
    if (!match) throw protocolError(from, 'its scp speaks another protocol');
    const mode = Number.parseInt(match[2]!, 8);
    const name = match[4]!;
    if (match[1] === 'D') return { kind: 'folder', mode, name };
    return { kind: 'file', mode, size: Number(match[3]), name };
  }
}

async function receiveBytes(
  source: RemoteProgram,
  size: number,
  from: string,
  take: (chunk: Buffer, done: number) => Promise<void>,
): Promise<void> {
  await source.write(ok);
  for (let done = 0; done < size; ) {
    const chunk = await source.read(size - done);
    if (!chunk) throw await source.endedEarly(`${from} could not be read`);
    done += chunk.length;
    await take(chunk, done);
  }
  if ((await source.readByte()) !== 0) throw protocolError(from, 'it could not be read to its end');
  await source.write(ok);
}

function protocolError(from: string, why: string): KilnError {
  return new KilnError('step-failed', `${from} could not be read: ${why}`);
}

function withoutName(complaint: string): string {
  return complaint.replace(/^scp: /, '').trim() || 'the machine did not say why';
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
