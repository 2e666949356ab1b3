import type { Duplex } from 'node:stream';
import { sleep } from '../base/cancellation.ts';
import { findSshServer, type OpenStream } from './ssh-server-search.ts';

/** Keep-alives that may go without an answer before the machine is looked at afresh. */
const missedAnswers = 3;

/**
 * Ends a connection whose machine has restarted without saying goodbye. QEMU's user network keeps such a
 * connection open, and its retries to deliver our keep-alives grow ever rarer, so that a machine that is back for
 * long would not be noticed. When a connection is silent while a fresh one is greeted, it belongs to the past.
 */
export function watchForRestart(stream: Duplex, open: OpenStream, keepAliveInterval: number): void {
  if (keepAliveInterval <= 0) return;
  const closed = new AbortController();
  let lastHeard = performance.now();
  let looking = false;
  const look = async () => {
    const before = lastHeard;
    const deadline = performance.now() + missedAnswers * keepAliveInterval;
    const fresh = await findSshServer(open, { deadline, signal: closed.signal });
    fresh.on('error', () => {});
    fresh.destroy();
    // A machine that is merely slow greets and answers at about the same time.
    await sleep(keepAliveInterval, closed.signal);
    if (lastHeard === before) stream.destroy();
  };
  const timer = setInterval(() => {
    if (looking || performance.now() - lastHeard < missedAnswers * keepAliveInterval) return;
    looking = true;
    look()
      .catch(() => {}) // nothing answers, or the connection has ended by itself
      .finally(() => {
        looking = false;
      });
  }, keepAliveInterval);
  timer.unref();
  stream.on('data', () => {
    lastHeard = performance.now();
  });
  stream.once('close', () => {
    clearInterval(timer);
    closed.abort();
  });
}
