import { connect, type Socket } from 'node:net';
import { cancelled, sleep } from '../../base/cancellation.ts';
import { isSystemError, KilnError } from '../../base/errors.ts';

/** What QEMU answered: the command's value, or the refusal in QEMU's own words. */
export type QmpReply<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly class: string; readonly description: string };

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface QmpVersion {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
}

interface Pending {
  readonly resolve: (reply: QmpReply) => void;
  readonly reject: (error: KilnError) => void;
}

/**
 * A connection to QEMU's machine protocol: JSON objects, one a line, over a Unix socket (docs/interop/qmp-spec).
 * Refusals are values; only the loss of the connection is an error, and it fails every command that waits.
 */
export class Qmp {
  readonly version: QmpVersion;
  /** Resolves when the connection is gone, which for a socket nobody else closes means that QEMU has ended. */
  readonly closed: Promise<void>;
  #socket: Socket;
  #pending = new Map<number, Pending>();
  #listeners = new Set<(event: QmpEvent) => void>();
  #nextId = 1;
  #lost = false;

  private constructor(socket: Socket, reader: LineReader, version: QmpVersion) {
    this.#socket = socket;
    this.version = version;
    this.closed = new Promise((resolve) => {
      reader.onClose = () => {
        this.#lose();
        resolve();
      };
    });
    reader.onMessage = (message) => this.#receive(message);
  }

  /**
   * Connects, reads the greeting and leaves negotiation mode.
   * @throws KilnError `qemu-failed` when the peer hangs up or does not speak the protocol, `cancelled`
   */
  static async connect(path: string, signal?: AbortSignal): Promise<Qmp> {
    const socket = await openSocket(path, signal);
    const reader = new LineReader(socket);
    const onAbort = () => socket.destroy();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const version = await greeting(reader, path);
      const qmp = new Qmp(socket, reader, version);
      const reply = await qmp.execute('qmp_capabilities');
      if (!reply.ok)
        throw new KilnError('qemu-failed', `QEMU refuses the control protocol: ${reply.description}`);
      return qmp;
    } catch (error) {
      socket.destroy();
      throw signal?.aborted ? cancelled() : error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Like `connect`, for a QEMU that is just starting: tries again until the socket is there.
   * `gaveUp` rejects when there is no use in trying on.
   */
  static async connectWhenReady(path: string, gaveUp: Promise<never>, signal?: AbortSignal): Promise<Qmp> {
    const stop = new AbortController();
    const attempt = async (): Promise<Qmp> => {
      for (;;) {
        try {
          return await Qmp.connect(path, stop.signal);
        } catch (error) {
          if (!isSystemError(error, 'ENOENT', 'ECONNREFUSED')) throw error;
        }
        await sleep(pollMilliseconds, stop.signal);
      }
    };
    const onAbort = () => stop.abort();
    if (signal?.aborted) throw cancelled();
    signal?.addEventListener('abort', onAbort, { once: true });
    const connecting = attempt();
    try {
      return await Promise.race([connecting, gaveUp]);
    } catch (error) {
      stop.abort();
      // A connection that was won in the same moment must not stay open.
      connecting.then(
        (qmp) => qmp.close(),
        () => {},
      );
      throw signal?.aborted ? cancelled() : error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Runs a command. A refusal by QEMU is a reply with `ok: false`.
   * @throws KilnError `qemu-failed` when the connection breaks before the answer
   */
  execute<T = unknown>(
    command: string,
    commandArguments?: Readonly<Record<string, unknown>>,
  ): Promise<QmpReply<T>> {
    if (this.#lost) return Promise.reject(connectionLost(command));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, {
        resolve: (reply) => resolve(reply as QmpReply<T>),
        reject: () => reject(connectionLost(command)),
      });
      const request = commandArguments === undefined ? {} : { arguments: commandArguments };
      this.#socket.write(`${JSON.stringify({ execute: command, ...request, id })}\n`);
    });
  }

  /** Like `execute`, but a refusal is an error. @throws KilnError `qemu-failed` */
  async expect<T = unknown>(
    command: string,
    commandArguments?: Readonly<Record<string, unknown>>,
  ): Promise<T> {
    const reply = await this.execute<T>(command, commandArguments);
    if (reply.ok) return reply.value;
    throw new KilnError('qemu-failed', `QEMU refuses "${command}": ${reply.description}`);
  }

  /** Calls the listener for every event from now on, until the returned function is called. */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hangs up. QEMU goes on. */
  close(): void {
    this.#socket.destroy();
  }

  #receive(message: Readonly<Record<string, unknown>>): void {
    if (typeof message['event'] === 'string') {
      const event = { event: message['event'], data: record(message['data']) };
      for (const listener of [...this.#listeners]) listener(event);
      return;
    }
    const pending = this.#pending.get(Number(message['id']));
    if (!pending) return;
    this.#pending.delete(Number(message['id']));
    if ('return' in message) pending.resolve({ ok: true, value: message['return'] });
    else {
      const error = record(message['error']);
      pending.resolve({
        ok: false,
        class: String(error['class'] ?? 'GenericError'),
        description: String(error['desc'] ?? 'no reason given'),
      });
    }
  }

  #lose(): void {
    this.#lost = true;
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of waiting) pending.reject(connectionLost('a command'));
  }
}

const pollMilliseconds = 4;

function connectionLost(command: string): KilnError {
  return new KilnError('qemu-failed', `the connection to QEMU broke before "${command}" was answered`);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function openSocket(path: string, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled());
    const socket = connect(path);
    const onAbort = () => {
      socket.destroy();
      reject(cancelled());
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const settled = () => signal?.removeEventListener('abort', onAbort);
    socket.once('connect', () => {
      settled();
      resolve(socket);
    });
    socket.once('error', (error) => {
      settled();
      reject(error);
    });
  });
}

/** Splits what a socket says into JSON messages, and keeps those that nobody has asked for yet. */
class LineReader {
  onClose: () => void = () => {};
  #onMessage: ((message: Readonly<Record<string, unknown>>) => void) | undefined;
  #early: Readonly<Record<string, unknown>>[] = [];
  #rest = '';

  constructor(socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('error', () => {}); // a close always follows, and that is what is acted on
    socket.on('close', () => this.onClose());
    socket.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop()!;
      for (const line of lines) {
        if (line.trim() === '') continue;
        let message: unknown;
        try {
          message = JSON.parse(line);
        } catch {
          socket.destroy();
          return;
        }
        if (this.#onMessage) this.#onMessage(record(message));
        else this.#early.push(record(message));
      }
    });
  }

  set onMessage(listener: (message: Readonly<Record<string, unknown>>) => void) {
    this.#onMessage = listener;
    for (const message of this.#early.splice(0)) listener(message);
  }
}

function greeting(reader: LineReader, path: string): Promise<QmpVersion> {
  return new Promise((resolve, reject) => {
    reader.onClose = () =>
      reject(new KilnError('qemu-failed', `whoever listens on ${path} hung up without a greeting`));
    reader.onMessage = (message) => {
      const version = record(record(record(message['QMP'])['version'])['qemu']);
      if (!('QMP' in message)) {
        reject(new KilnError('qemu-failed', `whoever listens on ${path} is not QEMU's control socket`));
        return;
      }
      resolve({
        major: Number(version['major'] ?? 0),
        minor: Number(version['minor'] ?? 0),
        micro: Number(version['micro'] ?? 0),
      });
    };
  });
}
