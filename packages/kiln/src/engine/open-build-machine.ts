import type { ImageRef } from '../plan/image-ref.ts';
import { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { storeSecretKey } from '../store/checkpoints/secret-key.ts';
import { type BuildMachine, plainMachine } from './build-machine.ts';
import type { BuildScene } from './build-scene.ts';
import { BuildStates } from './build-states.ts';
import { CheckpointedMachine } from './checkpointed-machine.ts';
import { indexOfStep } from './step-label.ts';

/**
 * The machine for a build: one whose states are kept where that is wanted and possible, else a plain one, which is up
 * when this returns.
 */
export async function openBuildMachine(scene: BuildScene): Promise<BuildMachine> {
  const { build, plan, reporter } = scene;
  const { source } = build;
  const options = plan.options.checkpoints;
  const { host, home } = plan.services;
  if (!options || options.mode === 'none' || source.kind !== 'qemu' || !host.checkpointSupport)
    return plainMachine(scene);
  const support = await host.checkpointSupport(source);
  if (support.kind === 'none') {
    if (build.steps.length > 0) reporter.say(`no checkpoints of this machine: ${support.reason}`);
    return plainMachine(scene);
  }
  const store = new CheckpointStore(home, { kind: 'run', id: plan.run.id });
  const base = await imageOf(scene, source.disk);
  const installer = source.installer && (await imageOf(scene, source.installer));
  if (base) await store.linkBase(base.digest, base.path);
  const states = new BuildStates({
    source,
    steps: build.steps,
    rules: {
      folder: plan.plan.origin.folder,
      secrets: plan.plan.secrets,
      secretKey: await storeSecretKey(home),
    },
    images: { base: base?.digest ?? 'blank', ...(installer ? { installer: installer.digest } : {}) },
    machine: support.machine,
    store,
    use: options.use,
    refreshFrom: options.refreshFrom === undefined ? Infinity : indexOfStep(build.steps, options.refreshFrom),
    acceptLosses: options.mode === 'disk',
  });
  return CheckpointedMachine.open(scene, { source, states, store, support, options, base: base?.digest });
}

async function imageOf({ plan, reporter, build }: BuildScene, ref: ImageRef) {
  if (ref.kind === 'empty') return undefined;
  return plan.images.resolve(ref, { emit: reporter.emit, build: build.name, signal: plan.signal });
}
