import type { Kysely, Selectable, Transaction, Updateable } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { JobQueue, QueueLimit } from '../workers/job-queue.ts';
import { putBackRun } from './put-back-run.ts';
import type { FinalState } from './run-state.ts';
import type { RunRow, RunStepRow } from './run-tables.ts';
import type { RunSubState } from './runs.ts';

/** Another worker has the run, or it has ended: whoever hears this stops, and writes nothing more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * The next run that fits into what is free at this worker, which holds it from now on. Taking it off the queue and
 * holding it are one transaction, so that whoever dies in between changes nothing.
 */
export async function takeRun(
  database: Kysely<Tables>,
  queue: JobQueue,
  workerId: string,
  limit: QueueLimit,
  now: () => Date,
): Promise<HeldRun | undefined> {
  for (const name of await queue.fitting(limit)) {
    const row = await database.transaction().execute(async (transaction) => {
      for (;;) {
        const runId = await queue.next(name, transaction);
        if (runId === undefined) return undefined;
        const taken = await hold(transaction, runId, workerId, now());
        // A run that ended or was deleted while it waited.
        if (taken) return taken;
      }
    });
    if (row) return new HeldRun(database, row, now);
  }
  return undefined;
}

function hold(transaction: Transaction<Tables>, runId: string, workerId: string, now: Date) {
  return transaction
    .updateTable('runs')
    .set((row) => ({
      worker_id: workerId,
      fence: row('fence', '+', 1),
      attempts: row('attempts', '+', 1),
      started_at: row.fn.coalesce('started_at', row.val(now)),
    }))
    .where('id', '=', runId)
    .where('worker_id', 'is', null)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** A run in the hands of one worker. Everything is written only while the fence is what it was then. */
export class HeldRun {
  readonly id: string;
  readonly row: Selectable<RunRow>;
  readonly fence: number;
  readonly #database: Kysely<Tables>;
  readonly #now: () => Date;

  constructor(database: Kysely<Tables>, row: Selectable<RunRow>, now: () => Date) {
    this.id = row.id;
    this.row = row;
    this.fence = row.fence;
    this.#database = database;
    this.#now = now;
  }

  /** @throws LeaseLost */
  async update(values: Updateable<RunRow>): Promise<Selectable<RunRow>> {
    const row = await this.#database
      .updateTable('runs')
      .set(values)
      .where('id', '=', this.id)
      .where('fence', '=', this.fence)
      .where('ended_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    if (!row) throw new LeaseLost(`the run ${this.id} is no longer this worker's`);
    return row;
  }

  /** @throws LeaseLost */
  enter(subState: RunSubState): Promise<Selectable<RunRow>> {
    return this.update({ sub_state: subState });
  }

  /** Whether somebody wants it cancelled. @throws LeaseLost */
  async isCanceling(): Promise<boolean> {
    const row = await this.#database
      .selectFrom('runs')
      .select('state')
      .where('id', '=', this.id)
      .where('fence', '=', this.fence)
      .where('ended_at', 'is', null)
      .executeTakeFirst();
    if (!row) throw new LeaseLost(`the run ${this.id} is no longer this worker's`);
    return row.state === 'Canceling';
  }

  /** Writes something that belongs to the run, in one transaction with the look at its fence. @throws LeaseLost */
  async write<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
    return this.#database.transaction().execute(async (transaction) => {
      const row = await transaction
        .selectFrom('runs')
        .select('id')
        .where('id', '=', this.id)
        .where('fence', '=', this.fence)
        .where('ended_at', 'is', null)
        .forUpdate()
        .executeTakeFirst();
      if (!row) throw new LeaseLost(`the run ${this.id} is no longer this worker's`);
      return work(transaction);
    });
  }

  /** @throws LeaseLost */
  async step(step: Omit<RunStepRow, 'run_id' | 'attempt'>): Promise<void> {
    const { state, ended_at, milliseconds } = step;
    await this.write((transaction) =>
      transaction
        .insertInto('run_steps')
        .values({ ...step, run_id: this.id, attempt: this.row.attempts })
        .onConflict((conflict) =>
          conflict.columns(['run_id', 'attempt', 'position']).doUpdateSet({ state, ended_at, milliseconds }),
        )
        .execute(),
    );
  }

  /** Gives the run back for another worker to go on with; a worker that ends properly is no dead one. */
  putBack(queue: JobQueue): Promise<void> {
    return putBackRun(this.#database, queue, this.row, { counts: false });
  }

  /**
   * Ends the run, for good. A run that somebody wants cancelled is `Canceled`, whatever else it came to.
   * @throws LeaseLost
   */
  async end(
    state: FinalState,
    { message, failure }: { readonly message: string; readonly failure?: object },
  ): Promise<FinalState> {
    return this.write(async (transaction) => {
      const { state: current } = await transaction
        .selectFrom('runs')
        .select('state')
        .where('id', '=', this.id)
        .executeTakeFirstOrThrow();
      const last: FinalState = current === 'Canceling' ? 'Canceled' : state;
      const ended_at = this.#now();
      await transaction
        .updateTable('runs')
        .set({
          state: last,
          message: last === 'Canceled' ? 'Canceled' : message,
          failure: failure && last !== 'Canceled' ? JSON.stringify(failure) : null,
          ended_at,
          worker_id: null,
        })
        .where('id', '=', this.id)
        .execute();
      await transaction
        .updateTable('run_steps')
        .set({ state: last === 'Canceled' ? 'Canceled' : 'Failed', ended_at })
        .where('run_id', '=', this.id)
        .where('state', '=', 'Running')
        .execute();
      return last;
    });
  }
}
