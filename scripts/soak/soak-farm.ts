import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type HouseProcess,
  startHouse,
} from '../../packages/kiln/src/service/workers/testing/house-client.ts';
import { postgresMissing, startPostgres } from '../../packages/kiln/src/service/workers/testing/postgres.ts';
import { openHouse } from '../../packages/kiln/src/service/workers/testing/run-house.ts';
import { randomNumbers } from './random-numbers.ts';
import type { SoakOptions, SoakResult } from './soak.ts';

/** Templates that have a run at a time. */
const templates = 50;

/**
 * Runs of nothing through two workers on one PostgreSQL, which are killed and started again at random moments. Looks
 * whether every run has succeeded, and published each of its outputs once.
 */
export async function soakFarm({ runs, seed, onRun }: Omit<SoakOptions, 'home'>): Promise<SoakResult> {
  if (postgresMissing) {
    onRun(postgresMissing);
    return { runs: 0, finished: 0, faults: [] };
  }
  const root = mkdtempSync(join(tmpdir(), 'kiln-soak-farm-'));
  const postgres = await startPostgres();
  const place = { kind: 'postgres', url: postgres.url } as const;
  const closing: (() => unknown)[] = [];
  const workers: HouseProcess[] = [];
  const random = randomNumbers(seed);
  let isOver = false;
  let killing: Promise<void> = Promise.resolve();
  try {
    const start = (index: number) => startHouse(join(root, `worker-${index}`), place);
    for (const index of [0, 1]) workers.push(await start(index));
    const house = await openHouse({ after: (work) => void closing.push(work as () => unknown) }, { place });
    house.care();
    const started = performance.now();
    killing = (async () => {
      while (!isOver) {
        await new Promise((resolve) => setTimeout(resolve, 2_000 + random() * 4_000));
        if (isOver) return;
        const victim = Math.floor(random() * 2);
        await workers[victim]!.kill();
        onRun(`killed worker ${victim}`);
        workers[victim] = await start(victim);
      }
    })();
    const ids: string[] = [];
    const faults: string[] = [];
    const lane = async (name: string, count: number) => {
      for (let turn = 0; turn < count; turn++) {
        const { id } = await house.start(name);
        ids.push(id);
        const end = await house.ended(id, 120_000);
        if (end.state !== 'Succeeded') faults.push(`${id}: ${end.state} ${end.message}`);
        if (ids.length % 100 === 0) onRun(`${ids.length} of ${runs} runs`);
      }
    };
    const share = (index: number) => Math.floor((runs + index) / templates);
    await Promise.all(Array.from({ length: templates }, (_one, index) => lane(`web-${index}`, share(index))));
    isOver = true;
    await killing;
    const seconds = (performance.now() - started) / 1000;
    const disks = await house.context.database.selectFrom('published_disks').select('run_id').execute();
    const counts = new Map<string, number>();
    for (const { run_id } of disks) counts.set(run_id, (counts.get(run_id) ?? 0) + 1);
    for (const id of ids) if (counts.get(id) !== 2) faults.push(`${id}: ${counts.get(id) ?? 0} outputs of 2`);
    if (ids.length !== runs) faults.push(`${ids.length} runs of ${runs}`);
    onRun(`${runs} runs in ${seconds.toFixed(0)} s, ${(runs / seconds).toFixed(1)} a second`);
    return { runs, finished: 0, faults };
  } finally {
    isOver = true;
    await killing.catch(() => {});
    for (const worker of workers) await worker.kill();
    for (const close of closing.reverse()) await close();
    await postgres.stop();
    rmSync(root, { recursive: true, force: true });
  }
}
