import { cancelled, throwIfCancelled } from '../base/cancellation.ts';
import { messageOf } from '../base/errors.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { HostContext, StartedMachine } from '../hosts/host.ts';
import type { Source } from '../plan/source.ts';
import { type BuildScene, firstValues, rendererFor } from './build-scene.ts';
import { runSteps } from './run-steps.ts';
import { secretValues } from './secrets.ts';
import { settle, waitForCleanup } from './stopping.ts';

export interface MadeArtifact {
  readonly artifact: Artifact;
  /** What the build's holes hold, for the outputs. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * From a source to the builder's artifact: starts the machine, runs the steps in it, has it finished. When
 * anything fails, or the run is cancelled, the machine is abandoned before the error gets out.
 * @throws KilnError, SeveralFailures
 */
export async function makeArtifact(scene: BuildScene): Promise<MadeArtifact> {
  const { build, plan, reporter } = scene;
  const phases = machinePhases(build.source);
  const machine = await inStage(scene, phases?.start, () => startMachine(scene));
  const values = { ...firstValues(scene), ...machine.values };
  for (const secret of secretValues(values)) plan.secrets.add(secret);

  let keep = false;
  try {
    throwIfCancelled(plan.signal);
    await runSteps(scene, machine, values, () => {
      keep = true;
    });
    throwIfCancelled(plan.signal);
  } catch (error) {
    await waitForCleanup(
      machine.abandon({ keep: keep && !plan.signal.aborted }),
      plan.graces.machine,
      plan.options.forceSignal,
      (trouble) => reporter.warn(`the machine could not be ended properly: ${messageOf(trouble)}`),
    );
    throw error;
  }
  const artifact = await inStage(scene, phases?.finish, () => finishMachine(scene, machine));
  return { artifact, values };
}

/** What people see of a machine's own time beside its steps; nothing for sources that take none. */
export function machinePhases(
  source: Source,
): { readonly start: string; readonly finish?: string } | undefined {
  if (source.kind === 'qemu') return { start: 'starting the machine', finish: 'finishing the machine' };
  if (source.kind === 'null' && source.communicator.kind === 'ssh')
    return { start: 'connecting to the machine' };
  return undefined;
}

function inStage<T>(scene: BuildScene, stage: string | undefined, work: () => Promise<T>): Promise<T> {
  return stage === undefined ? work() : scene.reporter.stage(stage, work);
}

async function startMachine(scene: BuildScene): Promise<StartedMachine> {
  const { plan } = scene;
  const starting = start(scene);
  try {
    return await settle(starting, stopRules(scene));
  } catch (error) {
    // A start that was given up may still succeed: nobody would end that machine.
    starting.then(
      (late) => late.abandon({ keep: false }),
      () => {},
    );
    throwIfCancelled(plan.signal);
    throw error;
  }
}

function start(scene: BuildScene): Promise<StartedMachine> {
  const { build, plan, reporter, scratch } = scene;
  const context: HostContext = {
    build: { name: build.name, type: build.type },
    run: plan.run,
    scratch,
    images: plan.images,
    emit: reporter.emit,
    signal: plan.signal,
    render: rendererFor(scene, firstValues(scene)),
    force: plan.options.force ?? false,
    say: reporter.say,
  };
  return plan.services.host.start(build.source, context);
}

async function finishMachine(scene: BuildScene, machine: StartedMachine): Promise<Artifact> {
  const finishing = machine.finish();
  try {
    const artifact = await settle(finishing, stopRules(scene));
    if (!scene.plan.signal.aborted) return artifact;
    await artifact.destroy();
    throw cancelled();
  } catch (error) {
    if (scene.plan.signal.aborted) {
      finishing.then(
        (late) => late.destroy(),
        () => {},
      );
      throw cancelled();
    }
    throw error;
  }
}

function stopRules({ plan }: BuildScene) {
  const { forceSignal } = plan.options;
  return {
    signal: plan.signal,
    grace: plan.graces.machine,
    ...(forceSignal ? { force: forceSignal } : {}),
  };
}
