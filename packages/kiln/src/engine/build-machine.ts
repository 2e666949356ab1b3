import { cancelled, throwIfCancelled } from '../base/cancellation.ts';
import { messageOf } from '../base/errors.ts';
import type { Guest } from '../guests/guest.ts';
import { noGuest } from '../guests/no-guest.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { CheckpointPlan, RestorePoint } from '../hosts/checkpoint.ts';
import type { HostContext, StartedMachine } from '../hosts/host.ts';
import type { Output } from '../plan/output.ts';
import type { Source } from '../plan/source.ts';
import { type BuildScene, firstValues, innerBuild, rendererFor } from './build-scene.ts';
import { secretValues } from './secrets.ts';
import { settle, waitForCleanup } from './stopping.ts';

/** What a step works with. */
export interface StepMachine {
  readonly guest: Guest;
  /** What the build's holes hold. */
  readonly values: Readonly<Record<string, string>>;
  /** For a machine that was brought up only to be looked at: ends it. */
  readonly close?: () => Promise<void>;
}

/** The machine of one build, from before it exists until it is an artifact. */
export interface BuildMachine {
  /** Whether the result of a step is there already; its machine is then as it is after the step. */
  skips(index: number): Promise<boolean>;
  /** What the step is to work with; the machine is up when the step needs one. */
  forStep(index: number): Promise<StepMachine>;
  /** A step has ended well; `clean` when nothing else has happened to the machine on the way. */
  stepDone(index: number, clean: boolean): Promise<void>;
  /** Keeps the machine in which a step has just failed, for somebody to go on in it later. */
  keepFailed(index: number): Promise<void>;
  /** Turns the machine off and hands over what was built, with the values for the outputs. */
  finish(): Promise<{ readonly artifact: Artifact; readonly values: Readonly<Record<string, string>> }>;
  /** Key of what `finish` makes, once all steps are done; undefined when nobody can know it. */
  resultKey(): string | undefined;
  /** The same before any step, when none has to be run. */
  foreseenResult(): Promise<string | undefined>;
  /** Key of what an output makes of something with a key; undefined when it has to run every time. */
  outputKey(input: string, output: Output): string | undefined;
  /** No step had to be run. */
  readonly untouched: boolean;
  /** A step was run that changes the machine: what came out of it before, under the same key, is not this. */
  readonly isNew: boolean;
  /** Ends the machine, if there is one. Never throws. */
  abandon(keep: boolean): Promise<void>;
}

/** A machine that is started first of all, and of which no state is kept. */
export async function plainMachine(scene: BuildScene): Promise<BuildMachine> {
  const phases = machinePhases(scene.build.source);
  const started = await startMachine(scene, phases?.start);
  return {
    skips: async () => false,
    forStep: async () => ({ guest: started.machine.guest, values: started.values }),
    stepDone: async () => {},
    keepFailed: async () =>
      scene.reporter.warn('states of this machine are not kept, so nobody can go on in it later'),
    finish: async () => ({
      artifact: await finishMachine(scene, started.machine),
      values: started.values,
    }),
    resultKey: () => undefined,
    foreseenResult: async () => undefined,
    outputKey: () => undefined,
    untouched: false,
    isNew: true,
    abandon: (keep) => abandonMachine(scene, started.machine, keep),
  };
}

/** For steps that run before there is a machine. */
export function noMachine(scene: BuildScene): StepMachine {
  return { guest: noGuest('the machine is not up at this step'), values: firstValues(scene) };
}

/** What people see of a machine's own time beside its steps; nothing for sources that take none. */
export function machinePhases(
  source: Source,
): { readonly start: string; readonly finish?: string } | undefined {
  if (source.kind === 'qemu') return { start: 'starting the machine', finish: 'finishing the machine' };
  if (source.kind === 'rootfs') return { start: 'installing the system', finish: 'writing the image' };
  if (source.kind === 'null' && source.communicator.kind === 'ssh')
    return { start: 'connecting to the machine' };
  return undefined;
}

export interface MachineWithValues {
  readonly machine: StartedMachine;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Starts the machine of the build's source. A start that is given up is undone by itself.
 * @param stage what people see meanwhile; undefined for nothing
 */
export async function startMachine(
  scene: BuildScene,
  stage: string | undefined,
  checkpoints?: CheckpointPlan,
): Promise<MachineWithValues> {
  const { plan } = scene;
  const machine = await inStage(scene, stage, async () => {
    const starting = plan.services.host.start(scene.build.source, hostContext(scene), checkpoints);
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
  });
  const values = { ...firstValues(scene), ...machine.values };
  for (const secret of secretValues(values)) plan.secrets.add(secret);
  return { machine, values };
}

export async function finishMachine(
  scene: BuildScene,
  machine: StartedMachine,
  settled?: Promise<void>,
): Promise<Artifact> {
  return inStage(scene, machinePhases(scene.build.source)?.finish, async () => {
    const finishing = machine.finish(settled);
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
  });
}

/** The artifact out of disks that were kept, with no machine. */
export function remakeArtifact(scene: BuildScene, from: RestorePoint): Promise<Artifact> {
  const { build, plan } = scene;
  return inStage(scene, 'making the result out of the kept disks', () =>
    plan.services.host.artifactFromDisks!(build.source, hostContext(scene), from),
  );
}

export async function abandonMachine(
  { plan, reporter }: BuildScene,
  machine: StartedMachine,
  keep: boolean,
): Promise<void> {
  await waitForCleanup(
    machine.abandon({ keep: keep && !plan.signal.aborted }),
    plan.graces.machine,
    plan.options.forceSignal,
    (trouble) => reporter.warn(`the machine could not be ended properly: ${messageOf(trouble)}`),
  );
}

export function hostContext(scene: BuildScene): HostContext {
  const { build, plan, reporter, scratch } = scene;
  return {
    build: innerBuild(build),
    run: plan.run,
    scratch,
    images: plan.images,
    emit: reporter.emit,
    signal: plan.signal,
    render: rendererFor(scene, firstValues(scene)),
    force: plan.options.force ?? false,
    say: reporter.say,
  };
}

function inStage<T>(scene: BuildScene, stage: string | undefined, work: () => Promise<T>): Promise<T> {
  return stage === undefined ? work() : scene.reporter.stage(stage, work);
}

function stopRules({ plan }: BuildScene) {
  const { forceSignal } = plan.options;
  return {
    signal: plan.signal,
    grace: plan.graces.machine,
    ...(forceSignal ? { force: forceSignal } : {}),
  };
}
