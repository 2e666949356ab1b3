import { throwIfCancelled } from '../base/cancellation.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { BuildScene } from './build-scene.ts';
import { openBuildMachine } from './open-build-machine.ts';
import { runSteps } from './run-steps.ts';

export interface MadeArtifact {
  readonly artifact: Artifact;
  /** What the build's holes hold, for the outputs. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * From a source to the builder's artifact: runs the steps in the machine, and has it finished. When anything fails, or
 * the run is cancelled, the machine is abandoned before the error gets out.
 * @throws KilnError, SeveralFailures
 */
export async function makeArtifact(scene: BuildScene): Promise<MadeArtifact> {
  const { plan } = scene;
  const machine = await openBuildMachine(scene);
  let keep = false;
  try {
    throwIfCancelled(plan.signal);
    await runSteps(scene, machine, () => {
      keep = true;
    });
    throwIfCancelled(plan.signal);
  } catch (error) {
    await machine.abandon(keep);
    throw error;
  }
  return machine.finish();
}
