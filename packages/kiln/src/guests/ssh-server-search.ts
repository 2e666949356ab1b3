import type { Duplex } from 'node:stream';
import { cancelled } from '../base/cancellation.ts';
import { KilnError, messageOf } from '../base/errors.ts';
import { lookForTaken } from './connection-taken.ts';
import { sendIdentification } from './identification.ts';

/** Opens one byte stream to where the SSH server is expected. Must end promptly when the signal is raised. */
export type OpenStream = (signal: AbortSignal) => Promise<Duplex>;

export interface SearchOptions {
  /** Time (performance.now) after which the search ends. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
  /** The machine is fast: connections that turn out useless cost it nothing worth sparing. */
  readonly eager?: boolean | undefined;
}

/** Nothing introduced itself as an SSH server in time. */
export class ServerNotFound extends Error {
  /** What the last try met, such as `connection refused`. */
  readonly lastSeen: string;

  constructor(lastSeen: string) {
    super(`no SSH server answered; last seen: ${lastSeen}`);
    this.lastSeen = lastSeen;
  }
}

const silence = 'connected, but no SSH server spoke';

/** Between two tries while they are refused or lead nowhere; so a server is found well within 250 ms. */
const interval = 200;
/**
 * A server that has taken a connection may need seconds for its first bytes on a machine that is busy booting, and
 * every further connection costs it a process: the second try comes only after so long, later ones after twice that.
 */
const pauseBehindServer = 2000;
/**
 * While a port forwarder holds connections for a machine that is not up: QEMU's user network goes on offering each
 * of them to the machine for more than a minute, at ever longer intervals, even when it was closed here. In a slow
 * machine a crowd of them would wait at the door of the server and keep it busy. So only a few are made; those
 * few are kept, because any of them may be the one that is let in, or refused, which shows that the network is up.
 */
const pacesBehindForwarder = [
  { until: 1000, pause: 250 },
  { until: 5000, pause: 1000 },
  { until: Number.POSITIVE_INFINITY, pause: 2500 },
] as const;
const patience = { opening: 3000, held: 75_000, taken: 60_000 } as const;

/**
 * Watches for an SSH server and resolves with a stream on which it has just introduced itself; the introduction
 * is still unread, and the client's own has been sent (see `dropIdentification`).
 * @throws ServerNotFound after the deadline
 * @throws KilnError `cancelled`, `guest-login-refused` and `unsupported` from a proxy or bastion host on the way
 */
export function findSshServer(
  open: OpenStream,
  options: SearchOptions,
  look: typeof lookForTaken = lookForTaken,
): Promise<Duplex> {
  return new Search(open, options, look).found;
}

class Search {
  readonly found: Promise<Duplex>;
  readonly #open: OpenStream;
  readonly #options: SearchOptions;
  readonly #lookForTaken: typeof lookForTaken;
  readonly #settle: { resolve(stream: Duplex): void; reject(error: unknown): void };
  readonly #live = new Set<Try>();
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout;
  #lastLaunch = Number.NEGATIVE_INFINITY;
  #lastRefusal = Number.NEGATIVE_INFINITY;
  #lastSeen = 'nothing yet';
  #looking = false;
  #over = false;

  constructor(open: OpenStream, options: SearchOptions, look: typeof lookForTaken) {
    this.#open = open;
    this.#options = options;
    this.#lookForTaken = look;
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    this.found = promise;
    this.#settle = { resolve, reject };
    this.#timer = setInterval(() => this.#tick(), 50);
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#onAbort();
    else this.#tick();
  }

  readonly #onAbort = () => this.#finish(() => this.#settle.reject(cancelled()));

  #finish(settle: () => void): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    for (const other of this.#live) other.abort();
    settle();
  }

  #tick(): void {
    const now = performance.now();
    if (now >= this.#options.deadline) {
      const words = this.#some('held', 'taken') ? silence : this.#lastSeen;
      this.#finish(() => this.#settle.reject(new ServerNotFound(words)));
      return;
    }
    for (const one of this.#live) if (now - one.begun >= patience[one.state]) one.abort();
    if (now - this.#lastLaunch >= this.#pause(now)) void this.#launch();
    if (!this.#looking && this.#some('held')) void this.#look();
  }

  #pause(now: number): number {
    const taken = [...this.#live].filter((one) => one.state === 'taken').length;
    if (taken > 0) return taken === 1 ? pauseBehindServer : 2 * pauseBehindServer;
    // Fresh tries that are refused at once leave nothing behind.
    const networkIsUp = this.#lastRefusal >= this.#lastLaunch;
    if (this.#options.eager || networkIsUp || !this.#some('held')) return interval;
    return pacesBehindForwarder.find(({ until }) => now - this.#begun < until)!.pause;
  }

  #some(...states: readonly Try['state'][]): boolean {
    return [...this.#live].some((one) => states.includes(one.state));
  }

  async #launch(): Promise<void> {
    this.#lastLaunch = performance.now();
    const one = new Try(this.#open);
    this.#live.add(one);
    try {
      const stream = await one.greeted;
      this.#live.delete(one);
      if (this.#over) stream.destroy();
      this.#finish(() => this.#settle.resolve(stream));
    } catch (error) {
      this.#live.delete(one);
      if (!one.aborted) this.#lastRefusal = performance.now();
      this.#lastSeen = describe(error);
      if (error instanceof KilnError && hopeless.has(error.code)) {
        this.#finish(() => this.#settle.reject(error));
      }
    }
  }

  async #look(): Promise<void> {
    this.#looking = true;
    // What is opened while the system is asked is not in its answer, and would seem to have nothing left to read.
    const asked = [...this.#live].filter(({ state }) => state === 'held');
    try {
      const isTaken = await this.#lookForTaken();
      for (const one of asked) one.note(isTaken);
    } finally {
      this.#looking = false;
    }
  }
}

/** One connection, from opening it to the server's first line. */
class Try {
  readonly begun = performance.now();
  /** Resolves with the stream when the server has introduced itself. */
  readonly greeted: Promise<Duplex>;
  /** `held`: open, but nobody reads what was sent. `taken`: a server is at work. */
  state: 'opening' | 'held' | 'taken' = 'opening';
  readonly #ending = new AbortController();
  #stream: Duplex | undefined;

  constructor(open: OpenStream) {
    this.greeted = this.#run(open);
  }

  get aborted(): boolean {
    return this.#ending.signal.aborted;
  }

  abort(): void {
    this.#ending.abort();
  }

  note(isTaken: (stream: Duplex) => boolean): void {
    if (this.state === 'held' && this.#stream && isTaken(this.#stream)) this.state = 'taken';
  }

  async #run(open: OpenStream): Promise<Duplex> {
    const { signal } = this.#ending;
    try {
      this.#stream = await open(signal);
    } catch (error) {
      throw signal.aborted ? new Error('no answer') : error;
    }
    this.state = 'held';
    sendIdentification(this.#stream);
    return await introduction(this.#stream, signal);
  }
}

/** What a proxy or a bastion host says that no waiting will change. */
const hopeless: ReadonlySet<string> = new Set(['guest-login-refused', 'unsupported', 'file-missing']);

/** Lines may come before the identification (RFC 4253, section 4.2), but no flood. */
const mostGreeting = 16_384;

/** Waits for the server's identification and leaves it unread. Destroys the stream when it fails. */
function introduction(stream: Duplex, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const text = () => Buffer.concat(chunks).toString('latin1');
    const finish = (error?: Error) => {
      stream.off('data', onData).off('error', finish).off('end', onEnd).off('close', onEnd);
      signal.removeEventListener('abort', onAbort);
      if (error) {
        stream.on('error', () => {}); // a late reset of a stream that nobody wants any more
        stream.destroy();
        reject(error);
      } else {
        stream.pause();
        stream.unshift(Buffer.concat(chunks));
        resolve(stream);
      }
    };
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      if (/(^|\n)SSH-/.test(text())) finish();
      else if (text().length > mostGreeting) finish(new Error('something answers that is not an SSH server'));
    };
    const onEnd = () => {
      const words = text().trim().slice(0, 200);
      finish(new Error(words ? `closed with the words "${words}"` : 'the connection was closed at once'));
    };
    const onAbort = () =>
      finish(new Error(chunks.length > 0 ? 'something answers that is not an SSH server' : silence));
    stream.on('data', onData).on('error', finish).on('end', onEnd).on('close', onEnd);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

const plainWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer',
};

/** A network error in plain words. */
export function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return plainWords[code] ?? messageOf(error);
}
