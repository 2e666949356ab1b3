import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { messageOf } from '../../base/errors.ts';
import { type HeldRun, takeRun } from '../runs/held-run.ts';
import { putBackRun } from '../runs/put-back-run.ts';
import { type RunSize, valueAt } from '../runs/run-size.ts';
import { giveTo } from './build-user.ts';
import { hostName, hostProcess } from './host-process.ts';
import type { JobQueue } from './job-queue.ts';
import { performRun, type Stop, type StopReason, type WorkerTools } from './perform-run.ts';
import { usualTimes, type WorkerTimes } from './worker-times.ts';

export interface WorkerOptions {
  readonly tools: WorkerTools;
  readonly queue: JobQueue;
  readonly name?: string;
  /** What runs may take together; by default this host's processors and half of its memory. */
  readonly capacity?: RunSize;
  readonly times?: WorkerTimes;
}

/** A worker at work. */
export interface Worker {
  readonly id: string;
  /** Runs in its hands. */
  readonly running: () => readonly string[];
  /** Stops taking runs, stops those it has, and gives them back for others. */
  close(): Promise<void>;
}

interface Task {
  readonly held: HeldRun;
  readonly size: RunSize;
  stop(reason: StopReason): void;
  readonly done: Promise<void>;
}

/** What a worker of this host may use: all processors, and half of the memory, as builds do. */
export function hostCapacity(): RunSize {
  return { cpus: availableParallelism(), memoryMib: Math.floor(totalmem() / 2 / 2 ** 20) };
}

/** Starts to take runs and do them, as many at a time as fit. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { tools, queue, times = usualTimes } = options;
  const { context, buildHome, buildUser } = tools;
  const { database, log } = context;
  const whole = options.capacity ?? hostCapacity();
  const id = randomUUID();
  const tasks = new Map<string, Task>();
  const forgotten = new Map<string, number>();
  const closing = new AbortController();
  await mkdir(buildHome, { recursive: true, mode: 0o700 });
  giveTo(buildUser, buildHome);
  await database
    .insertInto('workers')
    .values({
      id,
      name: options.name ?? hostName(),
      host: hostName(),
      process: hostProcess(process.pid) ?? '',
      cpus: whole.cpus,
      memory_mib: whole.memoryMib,
      beats: 0,
      started_at: context.now(),
      heard_at: context.now(),
      state: 'alive',
    })
    .execute();

  const free = (): RunSize => {
    let { cpus, memoryMib } = whole;
    for (const { size } of tasks.values()) {
      cpus -= size.cpus;
      memoryMib -= size.memoryMib;
    }
    return { cpus, memoryMib };
  };

  const begin = (held: HeldRun) => {
    const size = {
      cpus: Math.min(held.row.cpus, whole.cpus),
      memoryMib: Math.min(held.row.memory_mib, whole.memoryMib),
    };
    const controller = new AbortController();
    let reason: StopReason | undefined;
    const stop: Stop = { signal: controller.signal, reason: () => reason };
    const limit = setTimeout(() => end('timed-out'), timeLimitOf(held));
    const end = (why: StopReason) => {
      reason ??= why;
      controller.abort(new Error(`the run was stopped: ${why}`));
    };
    const done = performRun(held, tools, stop)
      .catch((error: unknown) => {
        // The run stays open; whoever looks after runs gives it to another worker.
        log.error({ run: held.id, error: messageOf(error) }, 'a worker could not end a run');
        return giveBack(held);
      })
      .finally(() => {
        clearTimeout(limit);
        tasks.delete(held.id);
        queue.wake();
      });
    tasks.set(held.id, { held, size, stop: end, done });
  };

  const giveBack = async (held: HeldRun) => {
    try {
      await held.putBack(queue);
    } catch (error) {
      log.warn({ run: held.id, error: messageOf(error) }, 'a run could not be given back');
    }
  };

  const takeLoop = async () => {
    while (!closing.signal.aborted) {
      try {
        const held = await takeRun(database, queue, id, { free: free(), whole }, context.now);
        if (held) {
          begin(held);
          continue;
        }
      } catch (error) {
        log.warn({ worker: id, error: messageOf(error) }, 'a worker could not look for runs');
      }
      await queue.wait(times.poll, closing.signal);
    }
  };

  // Times of this process's own clock, which does not jump.
  let heard = performance.now();
  const beat = async () => {
    await database
      .updateTable('workers')
      .set((row) => ({ beats: row('beats', '+', 1), heard_at: context.now(), state: 'alive' as const }))
      .where('id', '=', id)
      .execute();
    heard = performance.now();
  };

  const watchLoop = async () => {
    let beaten = -Infinity;
    while (!closing.signal.aborted) {
      try {
        if (performance.now() - beaten >= times.beat) {
          await beat();
          beaten = performance.now();
        }
        await watchTasks();
      } catch (error) {
        log.warn({ worker: id, error: messageOf(error) }, 'a worker could not reach the database');
        // Others think it dead by now, and do its runs.
        if (performance.now() - heard > times.dead)
          for (const task of tasks.values()) task.stop('lease-lost');
      }
      await sleepUntil(times.watch, closing.signal);
    }
  };

  const watchTasks = async () => {
    const rows = await database
      .selectFrom('runs')
      .select(['id', 'fence', 'state', 'cpus', 'memory_mib', 'lost'])
      .where('worker_id', '=', id)
      .where('ended_at', 'is', null)
      .execute();
    const mine = new Map(rows.map((row) => [row.id, row]));
    for (const task of tasks.values()) {
      const row = mine.get(task.held.id);
      if (row?.fence !== task.held.fence) task.stop('lease-lost');
      else if (row.state === 'Canceling') task.stop('cancelled');
    }
    // Runs that this worker has and does not do: it could not say how they ended, as when the database was away.
    for (const row of rows) {
      if (tasks.get(row.id)?.held.fence === row.fence) forgotten.delete(row.id);
      else {
        const looks = (forgotten.get(row.id) ?? 0) + 1;
        forgotten.set(row.id, looks);
        if (looks >= patience) await putBackRun(database, queue, row, { counts: false });
      }
    }
    for (const id of forgotten.keys()) if (!mine.has(id)) forgotten.delete(id);
  };

  const loops = [takeLoop(), watchLoop()];
  return {
    id,
    running: () => [...tasks.keys()],
    async close() {
      closing.abort();
      await Promise.all(loops);
      const left = [...tasks.values()];
      for (const task of left) task.stop('worker-ends');
      await Promise.all(left.map(({ done }) => done));
      for (const { held } of left) await giveBack(held);
      await database.updateTable('workers').set({ state: 'gone' }).where('id', '=', id).execute();
    },
  };
}

const usualMinutes = 240;

/** So many looks in a row show that a run is forgotten, and not about to begin. */
const patience = 4;

/** `buildTimeoutInMinutes` covers everything from the first step to the last target. */
function timeLimitOf({ row }: HeldRun): number {
  const given = valueAt(JSON.parse(row.template), ['properties', 'buildTimeoutInMinutes']);
  const minutes = typeof given === 'number' && given > 0 ? given : usualMinutes;
  return minutes * 60_000;
}

function sleepUntil(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
