import { throwIfCancelled } from '../base/cancellation.ts';
import type { KilnError } from '../base/errors.ts';
import type { BuildMachine } from './build-machine.ts';
import type { BuildScene } from './build-scene.ts';
import { runSteps } from './run-steps.ts';

/**
 * Gets a build as far as the end of its last step: the machine is ready to be finished then. When anything fails, or
 * the run is cancelled, it is abandoned before the error gets out. Gives the failures that do not count before the end.
 * @throws KilnError, SeveralFailures
 */
export async function runMachine(scene: BuildScene, machine: BuildMachine): Promise<readonly KilnError[]> {
  const { plan } = scene;
  let keep = false;
  try {
    throwIfCancelled(plan.signal);
    const late = await runSteps(scene, machine, () => {
      keep = true;
    });
    throwIfCancelled(plan.signal);
    return late;
  } catch (error) {
    await machine.abandon(keep);
    throw error;
  }
}
