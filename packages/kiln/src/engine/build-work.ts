import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfCancelled } from '../base/cancellation.ts';
import { messageOf } from '../base/errors.ts';
import type { Build } from '../plan/plan.ts';
import type { BuildKey } from './build-key.ts';
import type { BuildReporter } from './build-reporter.ts';
import type { BuildScene } from './build-scene.ts';
import { findWhole } from './find-whole.ts';
import { LostState } from './lost-state.ts';
import { openBuildMachine, visitMachine } from './open-build-machine.ts';
import type { ChainsResult } from './output-chains.ts';
import type { PlanRun } from './plan-run.ts';
import { lockResults } from './result-locks.ts';
import { runMachine } from './run-machine.ts';
import { runOutputs } from './run-outputs.ts';
import { findStored, finishUnchanged } from './unchanged.ts';

export interface WorkResult extends ChainsResult {
  readonly unchanged: boolean;
}

/**
 * Does a build: nothing but tagging when the store has its result, else machine, steps and outputs. Whatever it
 * took is given back when this returns or throws.
 * @throws KilnError, SeveralFailures
 */
export async function workOn(
  build: Build,
  index: number,
  plan: PlanRun,
  reporter: BuildReporter,
): Promise<WorkResult> {
  throwIfCancelled(plan.signal);
  const scratch = join(plan.run.folder, String(index));
  await mkdir(scratch, { mode: 0o700 });
  const locks = await lockResults(build, plan.services.home);
  try {
    const scene: BuildScene = { build, plan, reporter, scratch };
    if (plan.options.visit) {
      await visitMachine(scene, plan.options.visit);
      return { artifacts: [], errors: [], unchanged: false };
    }
    const stored = await findStored(scene);
    if (stored.image) {
      const artifacts = await finishUnchanged(scene, stored.image);
      return { artifacts, errors: [], unchanged: true };
    }
    return await makeResult(scene, stored.key);
  } finally {
    for (const lock of locks) await lock.release();
    try {
      await rm(scratch, { recursive: true, force: true });
    } catch (error) {
      // A machine that was given up may still write there; the end of the run ends it and removes the rest.
      reporter.warn(`temporary files stay until the end of the run: ${messageOf(error)}`);
    }
  }
}

/** A state that is lost only on the way back to it costs a new start, from what else there is. */
async function makeResult(scene: BuildScene, key: BuildKey | undefined): Promise<WorkResult> {
  for (;;) {
    try {
      const machine = await openBuildMachine(scene);
      const whole = await findWhole(scene, machine);
      if (whole) return whole;
      const late = await runMachine(scene, machine);
      // What comes of a build that has failed is not to be taken for its result later.
      const result = await runOutputs(scene, machine, late.length > 0 ? undefined : key);
      return { ...result, errors: [...late, ...result.errors] };
    } catch (error) {
      if (!(error instanceof LostState)) throw error;
      scene.reporter.warn(`${error.message}; building again from what else is kept`);
    }
  }
}
