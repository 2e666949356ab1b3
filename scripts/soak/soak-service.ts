import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../packages/kiln/src/base/errors.ts';
import { faultPlan, sufferFaults } from '../../packages/kiln/src/service/workers/testing/fault-plan.ts';
import type { SoakOptions, SoakResult } from './soak.ts';

/**
 * A service with a database of its own is killed, or its runs are cancelled, in every sub-state of a run, by a plan
 * that follows from the seed. Looks whether each run ends, publishes all or nothing, and leaves nothing in staging.
 */
export async function soakService({ runs, seed, onRun }: Omit<SoakOptions, 'home'>): Promise<SoakResult> {
  const root = mkdtempSync(join(tmpdir(), 'kiln-soak-service-'));
  let done = 0;
  try {
    const place = { kind: 'embedded', folder: join(root, 'database') } as const;
    await sufferFaults(faultPlan(seed, runs), join(root, 'home'), place, (text) => {
      done++;
      onRun(text);
    });
    return { runs, finished: 0, faults: [] };
  } catch (error) {
    onRun(messageOf(error));
    return { runs: done, finished: 0, faults: [messageOf(error)] };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
