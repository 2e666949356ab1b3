import type { SFTPWrapper } from 'ssh2';
import { cancelled } from '../base/cancellation.ts';
import { KilnError, messageOf } from '../base/errors.ts';
import type { TransferOptions } from './guest.ts';
import type { FileReceiver } from './received-file.ts';
import type { SshConnection } from './ssh-connection.ts';

/** The machine has no SFTP. */
export class SftpMissing extends Error {}

/** Every server takes this much in one request (draft-ietf-secsh-filexfer-02, section 3). */
export const sftpChunkSize = 32_768;
/** Requests on the way at once, so that the round trip does not limit the speed. */
const inFlight = 32;

/** @throws SftpMissing @throws KilnError `guest-disconnected` */
export async function openSftpSession(
  connection: SshConnection,
  signal: AbortSignal | undefined,
): Promise<SftpSession> {
  let sftp: SFTPWrapper;
  try {
    sftp = await connection.sftp();
  } catch (error) {
    if (error instanceof KilnError && error.code === 'step-failed') throw new SftpMissing(error.message);
    throw error;
  }
  return new SftpSession(connection, sftp, signal);
}

/** What a listing says of one name. The file types are those of POSIX's `st_mode`. */
interface Listed {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'other';
  readonly mode: number;
}

const fileTypes = new Map<number, Listed['kind']>([
  [0o040000, 'folder'],
  [0o100000, 'file'],
  [0o120000, 'symlink'],
]);

function kindOf(mode: number): Listed['kind'] {
  return fileTypes.get(mode & 0o170000) ?? 'other';
}

/** SFTP requests as promises that end with the signal and tell what they were about. */
export class SftpSession {
  readonly #connection: SshConnection;
  readonly #sftp: SFTPWrapper;
  readonly #signal: AbortSignal | undefined;

  constructor(connection: SshConnection, sftp: SFTPWrapper, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#sftp = sftp;
    this.#signal = signal;
  }

  async writeFile(
    path: string,
    mode: number,
    chunks: AsyncIterable<Buffer>,
    onProgress?: (done: number) => void,
  ): Promise<void> {
    const handle = await this.#ask<Buffer>(path, (done) => this.#sftp.open(path, 'w', { mode }, done));
    const writes = new Set<Promise<void>>();
    let failure: unknown;
    let position = 0;
    let done = 0;
    try {
      for await (const chunk of chunks) {
        const at = position;
        position += chunk.length;
        const write: Promise<void> = this.#ask<void>(path, (end) =>
          this.#sftp.write(handle, chunk, 0, chunk.length, at, end),
        )
          .then(
            () => {
              done += chunk.length;
              onProgress?.(done);
            },
            (error: unknown) => {
              failure ??= error;
            },
          )
          .finally(() => writes.delete(write));
        writes.add(write);
        if (writes.size >= inFlight) await Promise.race(writes);
        if (failure) break;
      }
      // The server works through the requests in order: none has to wait for the one before.
      const last = this.#ask<void>(path, (end) => this.#sftp.fsetstat(handle, { mode }, end));
      await Promise.all([...writes, last]);
    } finally {
      await this.#close(handle);
    }
    if (failure) throw failure;
  }

  async readFile(
    path: string,
    receive: () => Promise<FileReceiver>,
    onProgress?: TransferOptions['onProgress'],
  ): Promise<void> {
    const handle = await this.#ask<Buffer>(path, (done) => this.#sftp.open(path, 'r', done));
    let receiver: FileReceiver | undefined;
    try {
      const facts = await this.#ask<{ mode: number; size: number }>(path, (done) =>
        this.#sftp.fstat(handle, done),
      );
      if (kindOf(facts.mode) === 'folder') {
        throw new KilnError('step-failed', `${path} could not be read: it is not a file`);
      }
      receiver = await receive();
      const read = (at: number) => this.#readAt(handle, path, at);
      const ahead: { at: number; bytes: Promise<Buffer> }[] = [];
      let next = 0;
      for (let done = 0; ; ) {
        // Files under /proc say that they have no bytes, so there is always one request beyond the size.
        while (ahead.length < inFlight && (next < facts.size || ahead.length === 0)) {
          const bytes = read(next);
          bytes.catch(() => {});
          ahead.push({ at: next, bytes });
          next += sftpChunkSize;
        }
        const { at, bytes } = ahead.shift()!;
        const chunk = await bytes;
        if (chunk.length === 0) break;
        await receiver.write(chunk);
        done += chunk.length;
        onProgress?.(done, facts.size || undefined);
        if (chunk.length < sftpChunkSize && at + chunk.length < facts.size) {
          // A server may give less than was asked for; what was asked for beyond it no longer fits.
          await Promise.allSettled(ahead.splice(0).map((one) => one.bytes));
          next = at + chunk.length;
        } else if (chunk.length < sftpChunkSize) next = at + chunk.length;
      }
      await Promise.allSettled(ahead.map((one) => one.bytes));
      await receiver.finish(facts.mode);
    } finally {
      await receiver?.close();
      await this.#close(handle);
    }
  }

  async makeFolder(path: string): Promise<void> {
    try {
      await this.#ask<void>(path, (done) => this.#sftp.mkdir(path, { mode: 0o700 }, done));
    } catch (error) {
      const facts = await this.#ask<{ mode: number }>(path, (done) => this.#sftp.stat(path, done)).catch(
        () => undefined,
      );
      if (!facts || kindOf(facts.mode) !== 'folder') throw error;
    }
  }

  async makeSymlink(path: string, target: string): Promise<void> {
    const make = () => this.#ask<void>(path, (done) => this.#sftp.symlink(target, path, done));
    try {
      await make();
    } catch {
      await this.#ask<void>(path, (done) => this.#sftp.unlink(path, done));
      await make();
    }
  }

  setMode(path: string, mode: number): Promise<void> {
    return this.#ask<void>(path, (done) => this.#sftp.chmod(path, mode, done));
  }

  readLink(path: string): Promise<string> {
    return this.#ask<string>(path, (done) => this.#sftp.readlink(path, done));
  }

  /** Kind and mode of what a path leads to, through links. */
  async facts(path: string): Promise<Pick<Listed, 'kind' | 'mode'>> {
    const { mode } = await this.#ask<{ mode: number }>(path, (done) => this.#sftp.stat(path, done));
    return { kind: kindOf(mode), mode: mode & 0o7777 };
  }

  async list(path: string): Promise<readonly Listed[]> {
    const names = await this.#ask<readonly { filename: string; attrs: { mode: number } }[]>(path, (done) =>
      this.#sftp.readdir(path, done),
    );
    return names
      .map(({ filename, attrs }) => ({
        name: filename,
        kind: kindOf(attrs.mode),
        mode: attrs.mode & 0o7777,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #readAt(handle: Buffer, path: string, at: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(sftpChunkSize);
    return this.#ask<Buffer>(path, (done) =>
      this.#sftp.read(handle, buffer, 0, sftpChunkSize, at, (error, length) => {
        // Status 1 is the end of the file (SSH_FX_EOF).
        if (error && statusOf(error) === 1) done(undefined, Buffer.alloc(0));
        else done(error, buffer.subarray(0, length));
      }),
    );
  }

  async #close(handle: Buffer): Promise<void> {
    if (!this.#connection.alive) return;
    await new Promise<void>((resolve) => {
      void this.#connection.closed.then(resolve);
      this.#sftp.close(handle, () => resolve());
    });
  }

  #ask<T>(
    path: string,
    request: (done: (error: Error | null | undefined, result?: T) => void) => unknown,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const signal = this.#signal;
      if (signal?.aborted) return reject(cancelled());
      if (!this.#connection.alive) return reject(this.#connection.disconnected());
      const onAbort = () => settle(() => reject(cancelled()));
      let open = true;
      const settle = (action: () => void) => {
        if (!open) return;
        open = false;
        forget();
        signal?.removeEventListener('abort', onAbort);
        action();
      };
      // ssh2 answers no request after the connection broke.
      const forget = this.#connection.onGone(() => settle(() => reject(this.#connection.disconnected())));
      signal?.addEventListener('abort', onAbort, { once: true });
      request((error, result) =>
        settle(() => (error ? reject(this.#explain(path, error)) : resolve(result as T))),
      );
    });
  }

  #explain(path: string, error: Error): KilnError {
    // ssh2 ends what is open in its own words before it says that the connection is gone.
    const isGone = !this.#connection.alive || error.message === 'No response from server';
    if (isGone) return this.#connection.disconnected(error);
    const words = statusOf(error) === 4 ? 'the machine reports a failure without a reason' : messageOf(error);
    return new KilnError('step-failed', `${path}: ${words}`, { cause: error });
  }
}

function statusOf(error: Error): number | undefined {
  return 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
