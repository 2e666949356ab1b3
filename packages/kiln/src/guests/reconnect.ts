import { cancelled } from '../base/cancellation.ts';
import type { SshConnection } from './ssh-connection.ts';

/** One attempt to connect that several calls wait for. It ends early when all of them have given up. */
export class Reconnect {
  readonly done: Promise<SshConnection>;
  readonly #abort = new AbortController();
  #waiting = 0;

  constructor(connect: (signal: AbortSignal) => Promise<SshConnection>) {
    this.done = connect(this.#abort.signal);
    this.done.catch(() => {}); // a failure that nobody waits for any more
  }

  /** @throws KilnError `cancelled` when the signal is raised first, and what connecting throws */
  async wait(signal: AbortSignal | undefined): Promise<SshConnection> {
    if (signal?.aborted) throw cancelled();
    this.#waiting += 1;
    const { promise: given, reject: giveUp } = Promise.withResolvers<never>();
    const onAbort = () => giveUp(cancelled());
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([this.done, given]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#waiting -= 1;
      if (this.#waiting === 0 && signal?.aborted) this.#abort.abort();
    }
  }

  /** Ends the attempt, and the connection if it has just been made. */
  async giveUp(): Promise<void> {
    this.#abort.abort();
    const connection = await this.done.catch(() => undefined);
    await connection?.end();
  }
}
