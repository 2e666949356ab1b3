import type { ClientChannel } from 'ssh2';
import { cancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import type { RemoteSession } from './remote-session.ts';
import type { SshConnection } from './ssh-connection.ts';

/** How a remote program ended; `code` is undefined when the connection broke or a signal ended it. */
export interface RemoteEnd {
  readonly code: number | undefined;
  readonly stderr: string;
}

const mostBuffered = 1 << 20;
const mostStderr = 8192;

/** A program in the machine that is talked to in bytes, such as `scp` or `tar`. */
export class RemoteProgram {
  readonly #connection: SshConnection;
  readonly #channel: ClientChannel;
  readonly #signal: AbortSignal | undefined;
  readonly #ended: Promise<RemoteEnd>;
  #queue: Buffer[] = [];
  #queued = 0;
  #atEnd = false;
  #discarding = false;
  #wake: () => void = () => {};
  #stderr = '';

  private constructor(connection: SshConnection, session: RemoteSession, signal: AbortSignal | undefined) {
    const { channel } = session;
    this.#connection = connection;
    this.#channel = channel;
    this.#signal = signal;
    const onAbort = () => {
      channel.signal('TERM');
      this.abandon();
    };
    channel.on('data', (chunk: Buffer) => this.#take(chunk));
    channel.on('drain', () => this.#wake());
    channel.once('end', () => {
      this.#atEnd = true;
      this.#wake();
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < mostStderr) this.#stderr += chunk.toString('utf8');
    });
    this.#ended = session.closed.then((exit) => {
      signal?.removeEventListener('abort', onAbort);
      this.#atEnd = true;
      this.#wake();
      return { code: exit.kind === 'exited' ? exit.code : undefined, stderr: this.#stderr.trim() };
    });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  }

  /** @throws KilnError `guest-disconnected`, `cancelled` */
  static async start(
    connection: SshConnection,
    command: string,
    signal?: AbortSignal,
  ): Promise<RemoteProgram> {
    return new RemoteProgram(connection, await connection.start(command, { signal }), signal);
  }

  /** Writes and waits while the machine is behind. @throws KilnError `guest-disconnected`, `cancelled` */
  async write(bytes: string | Uint8Array): Promise<void> {
    this.#check();
    // What the program has said before it went away is still to be read, and tells more than a failed write.
    if (!this.#channel.writable || this.#channel.write(bytes)) return;
    while (this.#channel.writableNeedDrain && !this.#atEnd) await this.#event();
  }

  /** No more input comes. */
  end(): void {
    this.#channel.end();
  }

  /** Gives the program up. */
  abandon(): void {
    this.#discard();
    this.#channel.close();
    this.#atEnd = true;
    this.#wake();
  }

  /** The next bytes, at most `most`; undefined at the end of the output. @throws KilnError `cancelled` */
  async read(most: number): Promise<Buffer | undefined> {
    this.#check();
    while (this.#queue.length === 0) {
      if (this.#atEnd) return undefined;
      await this.#event();
    }
    const first = this.#queue[0]!;
    const bytes = first.subarray(0, most);
    if (bytes.length === first.length) this.#queue.shift();
    else this.#queue[0] = first.subarray(bytes.length);
    this.#queued -= bytes.length;
    if (this.#queued < mostBuffered) this.#channel.resume();
    return bytes;
  }

  /** One byte; undefined at the end. */
  async readByte(): Promise<number | undefined> {
    return (await this.read(1))?.[0];
  }

  /** Text up to the next line end, without it; what there is when the output ends first. */
  async readLine(longest = 65_536): Promise<string> {
    const bytes: number[] = [];
    for (;;) {
      const byte = await this.readByte();
      if (byte === undefined || byte === 10 || bytes.length >= longest) {
        return Buffer.from(bytes).toString('utf8');
      }
      bytes.push(byte);
    }
  }

  /** Waits for the program's end; output that was not read is lost. */
  async finished(): Promise<RemoteEnd> {
    this.#discard();
    const end = await this.#ended;
    this.#check();
    return end;
  }

  /** Why a program that should have gone on did not: the connection, or its own complaint. */
  async endedEarly(what: string): Promise<KilnError> {
    const { code, stderr } = await this.finished();
    if (!this.#connection.alive || code === undefined) return this.#connection.disconnected();
    return new KilnError('step-failed', `${what}: ${stderr || `the remote program ended with ${code}`}`);
  }

  #take(chunk: Buffer): void {
    if (this.#discarding) return;
    this.#queue.push(chunk);
    this.#queued += chunk.length;
    if (this.#queued >= mostBuffered) this.#channel.pause();
    this.#wake();
  }

  #discard(): void {
    this.#discarding = true;
    this.#queue = [];
    this.#queued = 0;
    this.#channel.resume();
  }

  async #event(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#check();
  }

  #check(): void {
    if (this.#signal?.aborted) throw cancelled();
  }
}
