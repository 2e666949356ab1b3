import type { PGlite } from '@electric-sql/pglite';
import type { PostgresPool, PostgresPoolClient } from 'kysely';

/** How long one waits for the only connection: whoever waits longer mostly waits for itself. */
const patience = 60_000;

/**
 * PGlite as a pool of one connection: whoever has it is alone until it is given back, so that transactions of several
 * do not mix. Inside of a transaction only its own handle may be used: asking the pool anew would wait for oneself.
 */
export class EmbeddedPool implements PostgresPool {
  readonly #engine: PGlite;
  #isTaken = false;
  readonly #waiting: Waiting[] = [];

  constructor(engine: PGlite) {
    this.#engine = engine;
  }

  async connect(): Promise<PostgresPoolClient> {
    await this.#take();
    let isReleased = false;
    // Kysely asks for rows, or with a cursor of `pg`, which is never configured for this pool.
    const query = async (text: string, values?: readonly unknown[]) => {
      const result = await this.#engine.query<Record<string, unknown>>(text, [...(values ?? [])]);
      const command = /^\s*(insert|update|delete|merge|with)\b/i.test(text) ? 'UPDATE' : 'SELECT';
      return {
        command,
        rowCount: command === 'UPDATE' ? (result.affectedRows ?? result.rows.length) : result.rows.length,
        rows: result.rows,
      };
    };
    return {
      query: query as PostgresPoolClient['query'],
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#give();
      },
    };
  }

  async end(): Promise<void> {
    await this.#engine.close();
  }

  #take(): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        resolve,
        timer: setTimeout(giveUp, patience, this.#waiting, () => waiting, reject),
      };
      this.#waiting.push(waiting);
    });
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (!next) {
      this.#isTaken = false;
      return;
    }
    clearTimeout(next.timer);
    next.resolve();
  }
}

interface Waiting {
  readonly resolve: () => void;
  readonly timer: NodeJS.Timeout;
}

function giveUp(queue: Waiting[], own: () => Waiting, reject: (error: Error) => void): void {
  queue.splice(queue.indexOf(own()), 1);
  reject(
    new Error(
      `the embedded database was busy for ${patience / 1000} s; inside of a transaction only its own handle may be used`,
    ),
  );
}
