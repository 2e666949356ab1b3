import { KilnError } from '../base/errors.ts';
import { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { type BuildMachine, plainMachine } from './build-machine.ts';
import type { BuildScene } from './build-scene.ts';
import { type OpenedStates, openBuildStates } from './build-states.ts';
import { CheckpointedMachine } from './checkpointed-machine.ts';
import type { CheckpointedSetup } from './checkpointed-setup.ts';
import type { Visit } from './run-options.ts';

/**
 * The machine for a build: one whose states are kept where that is wanted and possible, else a plain one, which is up
 * when this returns.
 */
export async function openBuildMachine(scene: BuildScene): Promise<BuildMachine> {
  const { build, reporter } = scene;
  const opened = await openSetup(scene);
  if (opened.kind === 'states') return CheckpointedMachine.open(scene, opened);
  if (opened.reason && build.steps.length > 0)
    reporter.say(`no checkpoints of this machine: ${opened.reason}`);
  return plainMachine(scene);
}

/**
 * Brings the build's machine up as it was at some moment, lets somebody look at it, and ends it.
 * @throws KilnError `not-found` when that state is not kept, `unsupported` when none are
 */
export async function visitMachine(scene: BuildScene, { at, look }: Visit): Promise<void> {
  const opened = await openSetup(scene);
  if (opened.kind === 'none') {
    const why = opened.reason ?? 'states are kept only of machines that are built';
    throw new KilnError('unsupported', `${scene.build.name} has no states to look at: ${why}`);
  }
  const machine = await CheckpointedMachine.at(withoutResult(scene), opened, at);
  try {
    await look(machine, { scratch: scene.scratch, signal: scene.plan.signal });
  } finally {
    await machine.close?.();
  }
}

/** Nothing is made of the machine, so what is in the place of the result is not in the way. */
function withoutResult(scene: BuildScene): BuildScene {
  const { source } = scene.build;
  if (source.kind !== 'qemu') return scene;
  const { directory: _directory, ...result } = source.result;
  return { ...scene, build: { ...scene.build, source: { ...source, result } } };
}

async function openSetup(
  scene: BuildScene,
): Promise<({ readonly kind: 'states' } & CheckpointedSetup) | Extract<OpenedStates, { kind: 'none' }>> {
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
  if (opened.kind === 'none') return opened;
  return { ...opened, store, base: opened.base?.digest };
}
