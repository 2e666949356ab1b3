import type { Duplex } from 'node:stream';
import { sleep } from '../base/cancellation.ts';
import { findSshServer, type OpenStream } from './ssh-server-search.ts';

export interface WatchTimes {
  /** Silence after which the machine is looked at afresh, in milliseconds. */
  readonly silence: number;
  /** How long the connection may still stay silent once the machine has greeted a fresh one. */
  readonly grace: number;
}

/** A machine that lets us in answers every message, so silence soon means something. */
export const watchTimesAtLogin: WatchTimes = { silence: 4000, grace: 4000 };

/** With a keep-alive every `interval`, two unanswered ones are a reason to look. */
export function watchTimesFor(interval: number): WatchTimes {
  return { silence: 2 * interval + 1000, grace: interval };
}

/**
 * Ends a connection whose machine has restarted without saying goodbye. QEMU's user network keeps such a
 * connection open, and its retries to deliver what we send grow ever rarer, so that a machine that is back for
 * long would not be noticed. When a connection is silent while a fresh one is greeted, it belongs to the past.
 * @returns a function that ends the watch
 */
export function watchForRestart(stream: Duplex, open: OpenStream, times: WatchTimes): () => void {
  const over = new AbortController();
  let lastHeard = performance.now();
  let looking = false;
  const look = async () => {
    const before = lastHeard;
    const deadline = performance.now() + times.silence;
    const fresh = await findSshServer(open, { deadline, signal: over.signal });
    fresh.on('error', () => {});
    fresh.destroy();
    // A machine that is merely slow greets and answers at about the same time.
    await sleep(times.grace, over.signal);
    if (lastHeard === before) stream.destroy();
  };
  const timer = setInterval(
    () => {
      if (looking || performance.now() - lastHeard < times.silence) return;
      looking = true;
      look()
        .catch(() => {}) // nothing answers, or the watch is over
        .finally(() => {
          looking = false;
        });
    },
    Math.min(1000, times.silence),
  );
  timer.unref();
  const onData = () => {
    lastHeard = performance.now();
  };
  const end = () => {
    clearInterval(timer);
    over.abort();
    stream.off('data', onData).off('close', end);
  };
  stream.on('close', end);
  // Listening sets a paused stream flowing; that is for its reader to do, who listens by then.
  if (stream.listenerCount('data') > 0) stream.on('data', onData);
  else {
    stream.once('resume', () => {
      if (!over.signal.aborted) stream.on('data', onData);
    });
  }
  return end;
}
