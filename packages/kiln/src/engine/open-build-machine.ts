import { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { type BuildMachine, plainMachine } from './build-machine.ts';
import type { BuildScene } from './build-scene.ts';
import { openBuildStates } from './build-states.ts';
import { CheckpointedMachine } from './checkpointed-machine.ts';

/**
 * The machine for a build: one whose states are kept where that is wanted and possible, else a plain one, which is up
 * when this returns.
 */
export async function openBuildMachine(scene: BuildScene): Promise<BuildMachine> {
  const { build, plan, reporter } = scene;
  const store = new CheckpointStore(plan.services.home, { kind: 'run', id: plan.run.id });
  const opened = await openBuildStates({
    plan: plan.plan,
    build,
    options: plan.options.checkpoints,
    services: plan.services,
    store,
    resolve: (ref) =>
      plan.images.resolve(ref, { emit: reporter.emit, build: build.name, signal: plan.signal }),
  });
  if (opened.kind === 'states') {
    const { states, source, options, support, base } = opened;
    return CheckpointedMachine.open(scene, { source, states, store, support, options, base: base?.digest });
  }
  if (opened.reason && build.steps.length > 0)
    reporter.say(`no checkpoints of this machine: ${opened.reason}`);
  return plainMachine(scene);
}
