import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { JobQueue } from '../workers/job-queue.ts';

/** After so many dead workers, the run is what kills them. */
export const mostLost = 4;

export interface LostRun {
  readonly id: string;
  readonly fence: number;
  readonly cpus: number;
  readonly memory_mib: number;
  readonly lost: number;
}

/**
 * Takes a run from the worker that held it, and offers it to others. From now on that worker writes nothing more.
 * Does nothing when the run is not as it was. A run that was tried too often has failed.
 */
export async function putBackRun(
  database: Kysely<Tables>,
  queue: JobQueue,
  { id, fence, cpus, memory_mib, lost }: LostRun,
  { counts = true }: { readonly counts?: boolean } = {},
): Promise<void> {
  const size = { cpus, memoryMib: memory_mib };
  await queue.prepare(size);
  const over = counts && lost + 1 >= mostLost;
  await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('runs')
      .set((columns) => ({
        worker_id: null,
        fence: columns('fence', '+', 1),
        sub_state: 'Queued' as const,
        ...(counts && { lost: columns('lost', '+', 1) }),
      }))
      .where('id', '=', id)
      .where('fence', '=', fence)
      .where('ended_at', 'is', null)
      .returning('state')
      .executeTakeFirst();
    if (!row) return;
    if (over && row.state === 'Running') {
      await transaction
        .updateTable('runs')
        .set({
          state: 'Failed',
          message: `${lost + 1} workers died while they did the run`,
          failure: JSON.stringify({ code: 'WorkerLost' }),
          ended_at: new Date(),
        })
        .where('id', '=', id)
        .execute();
      return;
    }
    await transaction
      .updateTable('run_steps')
      .set({ state: 'Canceled' })
      .where('run_id', '=', id)
      .where('state', '=', 'Running')
      .execute();
    await queue.offer(id, size, transaction);
  });
  queue.wake();
}
