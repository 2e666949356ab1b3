import { type Kysely, sql, type Transaction } from 'kysely';
import PgBoss from 'pg-boss';
import type { Tables } from '../database/tables.ts';
import type { RunSize } from '../runs/run-size.ts';
import type { ServiceLog } from '../service-context.ts';
import { bossDatabase } from './boss-database.ts';

/** Runs that wait for a worker. */
export interface JobQueue {
  /**
   * To be called before the transaction of `offer`: makes the queue of runs of this size. It cannot be made in the
   * transaction, because an embedded database has one connection.
   */
  prepare(size: RunSize): Promise<void>;
  /** Offers a run to workers, when the transaction is committed. */
  offer(runId: string, size: RunSize, transaction: Transaction<Tables>): Promise<void>;
  /** Tells workers of this process to look for runs now. */
  wake(): void;
  /** Names of queues whose runs fit into what is free, the largest first. */
  fitting(limit: QueueLimit): Promise<readonly string[]>;
  /** The next run of a queue. It is off the queue when the transaction is committed, and on it again when not. */
  next(queue: string, transaction: Transaction<Tables>): Promise<string | undefined>;
  /** Which of these runs have a place in the queue. */
  offered(runIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Resolves after `wake`, or after a while. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface QueueLimit {
  readonly free: RunSize;
  /** What the worker has in all: a larger run gets that much, as its build does. */
  readonly whole: RunSize;
}

function nameOf({ cpus, memoryMib }: RunSize): string {
  return `runs-${cpus}-${memoryMib}`;
}

/**
 * The queue: pg-boss in the service's own database, embedded or not, opened when it is first asked for something. Sizes
 * of runs have queues of their own.
 */
export function openJobQueue(database: Kysely<Tables>, log: ServiceLog): JobQueue {
  const boss = new PgBoss({
    db: bossDatabase(database),
    schedule: false,
    // Runs have leases of their own (runs/held-run.ts); a job is done as soon as its run is taken.
    archiveCompletedAfterSeconds: 3_600,
    deleteAfterDays: 1,
  });
  boss.on('error', (error) => log.warn({ error: error.message }, 'the queue of runs had trouble'));
  let starting: Promise<unknown> | undefined;
  const started = () => {
    starting ??= boss.start().catch((error: unknown) => {
      starting = undefined;
      throw error;
    });
    return starting;
  };
  const made = new Set<string>();
  const waiting = new Set<() => void>();

  const queues = async () => {
    const sizes = (await boss.getQueues()).flatMap(({ name }) => {
      const [, cpus, memory] = /^runs-(\d+)-(\d+)$/.exec(name) ?? [];
      return cpus === undefined ? [] : [{ name, cpus: Number(cpus), memoryMib: Number(memory) }];
    });
    // The largest first: small ones would never leave it enough.
    return sizes.sort((one, other) => other.memoryMib - one.memoryMib || other.cpus - one.cpus);
  };

  return {
    async prepare(size) {
      const name = nameOf(size);
      if (made.has(name)) return;
      await started();
      if (!(await boss.getQueue(name))) {
        await boss.createQueue(name).catch(async (error: unknown) => {
          // Another process may have made it at the same time.
          if (!(await boss.getQueue(name))) throw error;
        });
      }
      made.add(name);
    },

    async offer(runId, size, transaction) {
      // Longer than any run may wait: until then nobody but us throws jobs away.
      const options = { db: bossDatabase(transaction), retentionDays: 30, retryLimit: 0 };
      await boss.send(nameOf(size), { runId }, options as PgBoss.SendOptions);
    },

    wake() {
      for (const one of [...waiting]) one();
    },

    async fitting({ free, whole }) {
      await started();
      const fits = ({ cpus, memoryMib }: RunSize) =>
        Math.min(cpus, whole.cpus) <= free.cpus && Math.min(memoryMib, whole.memoryMib) <= free.memoryMib;
      return (await queues()).filter(fits).map(({ name }) => name);
    },

    async next(name, transaction) {
      const db = bossDatabase(transaction);
      const [job] = await boss.fetch<{ runId: string }>(name, { batchSize: 1, db } as PgBoss.FetchOptions);
      if (!job) return undefined;
      await boss.complete(name, job.id, {}, { db } as PgBoss.ConnectionOptions);
      return job.data.runId;
    },

    async offered(runIds) {
      await started();
      const { rows } = await sql<{ id: string }>`
        select distinct data->>'runId' as id from pgboss.job
        where state < 'active' and data->>'runId' = any(${runIds})`.execute(database);
      return new Set(rows.map(({ id }) => id));
    },

    wait(milliseconds, signal) {
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, milliseconds);
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
        if (signal.aborted) wake();
      });
    },

    async close() {
      if (!starting) return;
      await starting.catch(() => {});
      await boss.stop({ graceful: false });
    },
  };
}
