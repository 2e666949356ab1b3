import { throwIfCancelled } from '../base/cancellation.ts';
import type { BuildMachine } from './build-machine.ts';
import type { BuildScene } from './build-scene.ts';
import { openBuildMachine } from './open-build-machine.ts';
import { runSteps } from './run-steps.ts';

/**
 * Gets a build as far as the end of its last step: the machine that is returned is ready to be finished. When anything
 * fails, or the run is cancelled, it is abandoned before the error gets out.
 * @throws KilnError, SeveralFailures
 */
export async function runMachine(scene: BuildScene): Promise<BuildMachine> {
  const { plan } = scene;
  const machine = await openBuildMachine(scene);
  let keep = false;
  try {
    throwIfCancelled(plan.signal);
    await runSteps(scene, machine, () => {
      keep = true;
    });
    throwIfCancelled(plan.signal);
    return machine;
  } catch (error) {
    await machine.abandon(keep);
    throw error;
  }
}
