import type { Kysely, Transaction } from 'kysely';
import { messageOf } from '../../base/errors.ts';
import type { Tables } from '../database/tables.ts';
import { putBackRun } from '../runs/put-back-run.ts';
import type { ServiceContext } from '../service-context.ts';
import { sweepStaging } from '../staging/sweep-staging.ts';
import { hostName, isHostProcessAlive } from './host-process.ts';
import type { JobQueue } from './job-queue.ts';
import { usualTimes, type WorkerTimes } from './worker-times.ts';

export interface Caretaker {
  /** Does one round now; for tests, and after a start. */
  round(): Promise<void>;
  close(): Promise<void>;
}

/** Work for rounds that is due only so often. */
export function rarely(milliseconds: number, work: () => Promise<void>): () => Promise<void> {
  let due = performance.now() + milliseconds;
  return async () => {
    if (performance.now() < due) return;
    due = performance.now() + milliseconds;
    await work();
  };
}

/** A run that nobody takes for so long has no worker. */
const longestWait = 24 * 3_600_000;

/**
 * Looks after runs: those of dead workers are put back, those that are cancelled while nobody has them are ended, and
 * what they left is removed. Any number of processes may do so at once; every write says what it expects to find.
 */
export function startCaretaker(
  context: ServiceContext,
  queue: JobQueue,
  {
    times = usualTimes,
    more = [],
  }: { readonly times?: WorkerTimes; readonly more?: readonly (() => Promise<void>)[] } = {},
): Caretaker {
  const { database, log, now } = context;
  const watch = new WorkerWatch();
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> = Promise.resolve();

  const parts: readonly (() => Promise<unknown>)[] = [
    () => buryDeadWorkers(database, queue, watch, times.dead, log),
    () => endWaitingRuns(database, now()),
    () => offerForgottenRuns(database, queue, watch),
    () => sweepStaging(database, log),
    ...more,
  ];
  const round = async () => {
    for (const part of parts) {
      if (isClosed) return;
      try {
        await part();
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'a round of the caretaker was not finished');
      }
    }
  };
  const turn = () => {
    current = round().finally(() => {
      if (!isClosed) timer = setTimeout(turn, times.round);
    });
  };
  timer = setTimeout(turn, 0);
  return {
    round: async () => {
      await current;
      await round();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await current;
    },
  };
}

/**
 * Tells by its own steady clock how long something has not changed: clocks of hosts, which jump and differ, count for
 * nothing.
 */
export class WorkerWatch {
  readonly #seen = new Map<string, { readonly mark: string; readonly since: number }>();
  readonly #clock: () => number;

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** Milliseconds since this was first seen as it is. */
  unchangedFor(id: string, mark: string): number {
    const seen = this.#seen.get(id);
    if (seen?.mark !== mark) {
      this.#seen.set(id, { mark, since: this.#clock() });
      return 0;
    }
    return this.#clock() - seen.since;
  }

  /** Forgets all that is not among these. */
  keepOnly(prefix: string, ids: ReadonlySet<string>): void {
    for (const id of this.#seen.keys()) if (id.startsWith(prefix) && !ids.has(id)) this.#seen.delete(id);
  }
}

async function buryDeadWorkers(
  database: Kysely<Tables>,
  queue: JobQueue,
  watch: WorkerWatch,
  dead: number,
  log: ServiceContext['log'],
): Promise<void> {
  const workers = await database
    .selectFrom('workers')
    .select(['id', 'name', 'host', 'process', 'beats'])
    .where('state', '=', 'alive')
    .execute();
  watch.keepOnly('worker ', new Set(workers.map(({ id }) => `worker ${id}`)));
  for (const worker of workers) {
    const silent = watch.unchangedFor(`worker ${worker.id}`, String(worker.beats)) > dead;
    // Of this host's processes it is known at once.
    const ended = worker.host === hostName() && !isHostProcessAlive(worker.process);
    if (!silent && !ended) continue;
    const buried = await database
      .updateTable('workers')
      .set({ state: 'gone' })
      .where('id', '=', worker.id)
      .where('state', '=', 'alive')
      .where('beats', '=', worker.beats)
      .executeTakeFirst();
    if (buried.numUpdatedRows === 0n) continue;
    log.warn({ worker: worker.id, name: worker.name }, 'a worker is dead; its runs go to others');
  }
  // Looked for anew, because whoever buried a worker may have died before its runs were put back.
  const orphans = await database
    .selectFrom('runs')
    .leftJoin('workers', 'workers.id', 'runs.worker_id')
    .select(['runs.id', 'runs.fence', 'runs.cpus', 'runs.memory_mib', 'runs.lost'])
    .where('runs.ended_at', 'is', null)
    .where('runs.worker_id', 'is not', null)
    .where(({ or, eb }) => or([eb('workers.state', '=', 'gone'), eb('workers.id', 'is', null)]))
    .execute();
  for (const run of orphans) await putBackRun(database, queue, run);
}

/** Cancelled while they waited, or never taken by anybody. */
async function endWaitingRuns(database: Kysely<Tables>, now: Date): Promise<void> {
  const waiting = () =>
    database.updateTable('runs').where('ended_at', 'is', null).where('worker_id', 'is', null);
  await waiting()
    .set((row) => ({
      state: 'Canceled' as const,
      message: 'Canceled',
      ended_at: now,
      fence: row('fence', '+', 1),
    }))
    .where('state', '=', 'Canceling')
    .execute();
  await waiting()
    .set((row) => ({
      state: 'Failed' as const,
      message: 'no worker took the run within 24 hours; look whether there is one with room for it',
      failure: JSON.stringify({ code: 'NoWorker' }),
      ended_at: now,
      fence: row('fence', '+', 1),
    }))
    .where('state', '=', 'Running')
    .where('attempts', '=', 0)
    .where('queued_at', '<', new Date(now.getTime() - longestWait))
    // A clock that jumped makes nothing old: somebody must be there who could have taken it, and was not.
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('workers').select('id').where('state', '=', 'alive'))),
    )
    .execute();
}

const forgotten = 60_000;

/** A run that waits although its place in the queue is lost gets a new one: jobs may be lost, runs may not. */
async function offerForgottenRuns(
  database: Kysely<Tables>,
  queue: JobQueue,
  watch: WorkerWatch,
): Promise<void> {
  const rows = await database
    .selectFrom('runs')
    .select(['id', 'fence', 'cpus', 'memory_mib'])
    .where('ended_at', 'is', null)
    .where('worker_id', 'is', null)
    .where('state', '=', 'Running')
    .orderBy('queued_at')
    .limit(1_000)
    .execute();
  watch.keepOnly('run ', new Set(rows.map(({ id }) => `run ${id}`)));
  const lost = rows.filter(({ id, fence }) => watch.unchangedFor(`run ${id}`, String(fence)) > forgotten);
  if (lost.length === 0) return;
  const known = await queue.offered(lost.map(({ id }) => id));
  for (const run of lost) {
    if (known.has(run.id)) continue;
    const size = { cpus: run.cpus, memoryMib: run.memory_mib };
    await queue.prepare(size);
    await database
      .transaction()
      .execute((transaction: Transaction<Tables>) => queue.offer(run.id, size, transaction));
    queue.wake();
  }
}
