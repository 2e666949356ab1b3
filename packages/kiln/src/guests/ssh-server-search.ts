import type { Duplex } from 'node:stream';
import { cancelled } from '../base/cancellation.ts';
import { KilnError, messageOf } from '../base/errors.ts';

/** Opens one byte stream to where the SSH server is expected. Must end promptly when the signal is raised. */
export type OpenStream = (signal: AbortSignal) => Promise<Duplex>;

export interface SearchOptions {
  /** Time (performance.now) after which the search ends. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
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

/** Between two tries; with a local server's answer it is found well within 250 ms of being ready. */
const interval = 200;
/** While a try may already have reached a slow server, another one only now and then: each costs it a process. */
const intervalBehindSilence = 1000;
const shortPatience = 1000;
const longPatience = 15_000;

/**
 * Watches for an SSH server and resolves with a stream on which it has just introduced itself; the introduction
 * is still unread. Tries overlap, because silence has two meanings. QEMU's user network accepts connections
 * before the machine is up, and such a connection may stay silent for long after a server is there: only fresh
 * tries find that server soon. But a slow machine may also take seconds for its first bytes: so some tries wait
 * long, and all do once something has answered by refusing.
 * @throws ServerNotFound after the deadline
 * @throws KilnError `cancelled`, `guest-login-refused` and `unsupported` from a proxy or bastion host on the way
 */
export function findSshServer(open: OpenStream, options: SearchOptions): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const live = new Set<AbortController>();
    let lastLaunch = Number.NEGATIVE_INFINITY;
    let launched = 0;
    let lastSeen = 'nothing yet';
    let refusing = false;
    let over = false;

    const finish = (settle: () => void) => {
      if (over) return;
      over = true;
      clearInterval(timer);
      options.signal?.removeEventListener('abort', onAbort);
      for (const other of live) other.abort();
      settle();
    };
    const onAbort = () => finish(() => reject(cancelled()));

    const launch = async () => {
      lastLaunch = performance.now();
      const patience = refusing || launched++ % 5 === 0 ? longPatience : shortPatience;
      const own = new AbortController();
      live.add(own);
      try {
        const stream = await introduced(open, patience, own.signal);
        live.delete(own);
        if (over) stream.destroy();
        finish(() => resolve(stream));
      } catch (error) {
        live.delete(own);
        if (error instanceof KilnError && hopeless.has(error.code)) finish(() => reject(error));
        refusing = !(error instanceof Silence);
        lastSeen = describe(error);
      }
    };
    const tick = () => {
      const now = performance.now();
      if (now >= options.deadline) return finish(() => reject(new ServerNotFound(lastSeen)));
      if (now - lastLaunch >= (refusing && live.size > 0 ? intervalBehindSilence : interval)) void launch();
    };
    const timer = setInterval(tick, 50);
    if (options.signal?.aborted) return onAbort();
    options.signal?.addEventListener('abort', onAbort, { once: true });
    tick();
  });
}

/** What a proxy or a bastion host says that no waiting will change. */
const hopeless: ReadonlySet<string> = new Set(['guest-login-refused', 'unsupported', 'file-missing']);

class Silence extends Error {}

/** Lines may come before the identification (RFC 4253, section 4.2), but no flood. */
const mostGreeting = 16_384;

async function introduced(open: OpenStream, patience: number, signal: AbortSignal): Promise<Duplex> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  let stream: Duplex;
  try {
    stream = await open(limited);
  } catch (error) {
    throw limited.aborted ? new Silence('no answer') : error;
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const text = () => Buffer.concat(chunks).toString('latin1');
    const finish = (error?: Error) => {
      stream.off('data', onData).off('error', finish).off('end', onEnd).off('close', onEnd);
      limited.removeEventListener('abort', onLimit);
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
    const onLimit = () =>
      finish(
        chunks.length > 0
          ? new Error('something answers that is not an SSH server')
          : new Silence('connected, but no SSH server spoke'),
      );
    stream.on('data', onData).on('error', finish).on('end', onEnd).on('close', onEnd);
    if (limited.aborted) onLimit();
    else limited.addEventListener('abort', onLimit, { once: true });
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
