import type { Build } from '../plan/plan.ts';
import type { HostCapacity } from './engine-services.ts';

/** What a build takes of the host while it runs. Memory in bytes. */
export interface Need {
  readonly memory: number;
  readonly cpus: number;
}

export function needOf(build: Build): Need {
  if (build.source.kind !== 'qemu') return { memory: 0, cpus: 0 };
  const { memory, cpus } = build.source.hardware;
  return { memory, cpus };
}

/** The host's own share of its memory: what builds together may not use. */
const memoryShareForBuilds = 0.8;

export interface Job<T> {
  readonly need: Need;
  /** Jobs that must have ended before, by their index; they stand before this one. */
  readonly after?: readonly number[];
  /** Gets the results there are so far, by index. */
  readonly run: (results: readonly (T | undefined)[]) => Promise<T>;
}

/**
 * Runs jobs in their order, as many at a time as fit the memory together, and either the processors or, when it
 * is given, the number `parallel`. One
 * always runs, however large. A job that does not fit holds back those behind it, so that none starves.
 */
export async function schedule<T>(
  jobs: readonly Job<T>[],
  capacity: HostCapacity,
  parallel?: number,
): Promise<T[]> {
  const results: T[] = new Array<T>(jobs.length);
  const isReady = (job: Job<T>) => (job.after ?? []).every((index) => results[index] !== undefined);
  const running = new Set<Promise<void>>();
  let memory = 0;
  let cpus = 0;
  const fits = (need: Need) =>
    memory + need.memory <= capacity.memory * memoryShareForBuilds &&
    (parallel === undefined ? cpus + need.cpus <= capacity.cpus : running.size < parallel);

  for (const [index, job] of jobs.entries()) {
    while (running.size > 0 && !(fits(job.need) && isReady(job))) await Promise.race(running);
    memory += job.need.memory;
    cpus += job.need.cpus;
    const work: Promise<void> = job
      .run(results)
      .then((result) => {
        results[index] = result;
      })
      .finally(() => {
        memory -= job.need.memory;
        cpus -= job.need.cpus;
        running.delete(work);
      });
    running.add(work);
  }
  await Promise.all(running);
  return results;
}
