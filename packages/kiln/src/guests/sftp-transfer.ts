import type { GuestUpload, TransferOptions } from './guest.ts';
import { guestPath, joinGuestPath } from './guest-path.ts';
import type { TreeEntry } from './local-tree.ts';
import type { FileReceiver } from './received-file.ts';
import { openSftpSession, sftpChunkSize } from './sftp-session.ts';
import type { SshConnection } from './ssh-connection.ts';
import type { TreeWriter } from './tree-writer.ts';
import { openUploadSource } from './upload-source.ts';

const filesAtOnce = 16;

/** @throws SftpMissing @throws KilnError `step-failed`, `guest-disconnected`, `file-missing`, `cancelled` */
export async function uploadBySftp(connection: SshConnection, file: GuestUpload): Promise<void> {
  const session = await openSftpSession(connection, file.signal);
  const source = await openUploadSource(file.from, file.mode);
  try {
    await session.writeFile(guestPath(file.to), source.mode, source.chunks(sftpChunkSize), (done) =>
      file.onProgress?.(done, source.size),
    );
  } finally {
    await source.close();
  }
}

/** Sends entries into an existing remote folder. @throws SftpMissing @throws KilnError */
export async function uploadTreeBySftp(
  connection: SshConnection,
  entries: readonly TreeEntry[],
  to: string,
  options: TransferOptions,
): Promise<void> {
  const session = await openSftpSession(connection, options.signal);
  const root = guestPath(to);
  const total = entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0);
  let done = 0;
  for (const entry of entries) {
    if (entry.kind === 'folder') await session.makeFolder(joinGuestPath(root, entry.path));
  }
  await eachOf(entries, async (entry) => {
    const path = joinGuestPath(root, entry.path);
    if (entry.kind === 'symlink') await session.makeSymlink(path, entry.target);
    if (entry.kind !== 'file') return;
    const source = await openUploadSource({ kind: 'file', path: entry.local }, entry.mode);
    try {
      await session.writeFile(path, source.mode, source.chunks(sftpChunkSize));
    } finally {
      await source.close();
    }
    done += entry.size;
    options.onProgress?.(done, total);
  });
  // Last, and from the inside out: a folder may forbid writing into it.
  for (const entry of entries.toReversed()) {
    if (entry.kind === 'folder') await session.setMode(joinGuestPath(root, entry.path), entry.mode);
  }
}

/** @throws SftpMissing @throws KilnError `step-failed`, `guest-disconnected`, `cancelled` */
export async function downloadBySftp(
  connection: SshConnection,
  from: string,
  receive: () => Promise<FileReceiver>,
  options: TransferOptions,
): Promise<void> {
  const session = await openSftpSession(connection, options.signal);
  await session.readFile(guestPath(from), receive, options.onProgress);
}

/** @throws SftpMissing @throws KilnError `step-failed`, `file-unsafe`, `guest-disconnected`, `cancelled` */
export async function downloadTreeBySftp(
  connection: SshConnection,
  from: string,
  writer: TreeWriter,
  options: TransferOptions & {
    readonly excluded: (path: string) => boolean;
    /** Fetch what links lead to. */
    readonly followLinks: boolean;
  },
): Promise<void> {
  const session = await openSftpSession(connection, options.signal);
  let done = 0;
  const visit = async (names: readonly string[]): Promise<void> => {
    const folder = joinGuestPath(guestPath(from), ...names);
    const files: { readonly names: readonly string[]; readonly path: string }[] = [];
    for (const listed of await session.list(folder)) {
      const { name } = listed;
      const inner = [...names, name];
      if (name === '.' || name === '..' || options.excluded(inner.join('/'))) continue;
      const path = joinGuestPath(folder, name);
      const isLink = listed.kind === 'symlink' && options.followLinks;
      const { kind, mode } = isLink ? await session.facts(path) : listed;
      if (kind === 'folder') {
        await writer.folder(inner, mode);
        await visit(inner);
      } else if (kind === 'symlink') await writer.symlink(inner, await session.readLink(path));
      else if (kind === 'file') files.push({ names: inner, path });
    }
    await eachOf(files, async (file) => {
      await session.readFile(file.path, () => writer.file(file.names));
      done += 1;
      options.onProgress?.(done, undefined);
    });
  };
  await visit([]);
}

/** Runs a task for each item, some of them at once. The first failure is thrown after all begun tasks have ended. */
async function eachOf<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  let failed = false;
  const worker = async () => {
    for (const item of queue) {
      if (failed) return;
      try {
        await task(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: filesAtOnce }, worker));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
