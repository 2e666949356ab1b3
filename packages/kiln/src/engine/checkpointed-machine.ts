import { KilnError, messageOf } from '../base/errors.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { Output } from '../plan/output.ts';
import type { CheckpointRecord } from '../store/checkpoints/checkpoint-record.ts';
import {
  abandonMachine,
  type BuildMachine,
  finishMachine,
  type MachineWithValues,
  noMachine,
  remakeArtifact,
  type StepMachine,
} from './build-machine.ts';
import { type BuildScene, firstValues } from './build-scene.ts';
import { failedKey, type KnownStep, type MachineState } from './build-states.ts';
import type { CheckpointedSetup } from './checkpointed-setup.ts';
import { writeLastBuild } from './last-build.ts';
import { LiveMachine, restorePoint } from './live-machine.ts';
import type { Parts } from './step-keys.ts';
import { indexOfStep, stepLabel, stepName } from './step-label.ts';

/**
 * A build's machine that is made only when a step has to run in it, from the furthest state that the store has. What
 * the machine is is known by the key of its state all the time; when it is not, no more states are kept or looked for.
 */
export class CheckpointedMachine implements BuildMachine {
  readonly #scene: BuildScene;
  readonly #setup: CheckpointedSetup;
  #state: MachineState;
  /** What a step makes of the state, found out before it runs. */
  #upcoming: { readonly index: number; readonly known: KnownStep } | undefined;
  /** The kept state that stands for the machine while there is none. */
  #record: CheckpointRecord | undefined;
  #recordLabel = '';
  #restoredUpTo = -1;
  #lookedFrom = -1;
  readonly #live: LiveMachine;
  /** Parts of the steps that were reached, for telling the next build's user what has changed. */
  readonly #reached: Parts[] = [];
  /** A step was run, with a machine or without. */
  #hasRun = false;
  /** One of them was to change the machine. */
  #isNew = false;

  private constructor(scene: BuildScene, setup: CheckpointedSetup, first: KnownStep) {
    this.#scene = scene;
    this.#setup = setup;
    this.#state = first.state;
    this.#live = new LiveMachine(scene, setup);
  }

  static async open(scene: BuildScene, setup: CheckpointedSetup): Promise<CheckpointedMachine> {
    const machine = new CheckpointedMachine(scene, setup, await setup.states.first());
    machine.#record = await setup.states.find(machine.#state);
    machine.#recordLabel = 'it was when it had booted';
    if (scene.plan.options.resume) await machine.#resume();
    return machine;
  }

  /** The machine as it was at some moment; see `Visit`. @throws KilnError `not-found` */
  static async at(scene: BuildScene, setup: CheckpointedSetup, where: string): Promise<StepMachine> {
    const machine = new CheckpointedMachine(scene, setup, await setup.states.first());
    const { record, label } = await machine.#find(where);
    machine.#record = record;
    machine.#recordLabel = label;
    machine.#state = { key: undefined, hasSecret: true };
    const { machine: started, values } = await machine.#up();
    return { guest: started.guest, values, close: () => abandonMachine(scene, started, false) };
  }

  async #find(where: string): Promise<{ readonly record: CheckpointRecord; readonly label: string }> {
    const { build, plan } = this.#scene;
    const { store, states } = this.#setup;
    const { steps } = build;
    if (where === 'failed') {
      const record = await store.find(failedKey(plan.plan, build.name));
      if (record) return { record, label: `it was after ${record.step}` };
      throw new KilnError('not-found', `no failed machine of ${build.name} is kept`, {
        hint: 'build with --on-error=resume-later to keep one',
      });
    }
    const last = where === '0' ? -1 : indexOfStep(steps, where);
    let state = this.#state;
    for (let index = 0; index <= last; index++) state = (await states.after(index, state)).state;
    const step = last < 0 ? 'its start' : stepLabel(steps[last]!, last, steps.length);
    const record = state.key === undefined ? undefined : await store.find(state.key);
    if (record) return { record, label: `it was after ${step}` };
    throw new KilnError('not-found', `no state of ${build.name} after ${step} is kept`, {
      hint: 'build it first; `kiln plan` says which states are there',
    });
  }

  /** Goes on in the machine that failed, if it is there; what is before the step that failed counts as done. */
  async #resume(): Promise<void> {
    const { build, plan, reporter } = this.#scene;
    const record = await this.#setup.store.find(failedKey(plan.plan, build.name));
    if (record?.failedStep === undefined || record.failedStep >= build.steps.length) {
      reporter.say('no failed machine is kept; building from the last state that is');
      return;
    }
    this.#record = record;
    this.#recordLabel = `it was after ${record.step}`;
    this.#restoredUpTo = record.failedStep - 1;
    this.#lookedFrom = build.steps.length;
    // What the failed step has left in it nobody knows: nothing of this machine may be taken for something else.
    // Memory that was not kept may have had a secret in it.
    this.#state = { key: undefined, hasSecret: this.#state.hasSecret || record.memory === undefined };
  }

  async skips(index: number): Promise<boolean> {
    if (index <= this.#restoredUpTo) return true;
    const { states } = this.#setup;
    const nature = states.natures[index]!;
    if (nature.restorable && nature.machineAfter === 'same') return true;
    // One look covers everything up to the next step that has to run anyway.
    if (!nature.restorable || index <= this.#lookedFrom) return false;
    this.#lookedFrom = this.#endOfStretch(index);
    const found = await states.furthest(index, this.#state);
    if (!found) return false;
    await this.#live.abandon(false);
    for (let step = index, state = this.#state; step <= found.index; step++) {
      const known = await states.after(step, state);
      this.#reached[step] = known.parts;
      state = known.state;
    }
    this.#state = found.state;
    this.#record = found.record;
    this.#restoredUpTo = found.index;
    const { steps } = this.#scene.build;
    this.#recordLabel = `it was after ${stepLabel(steps[found.index]!, found.index, steps.length)}`;
    return true;
  }

  async forStep(index: number): Promise<StepMachine> {
    const { states } = this.#setup;
    const nature = states.natures[index]!;
    if (nature.needsMachine) await this.#up();
    this.#hasRun = true;
    if (nature.machineAfter !== 'same') this.#isNew = true;
    this.#upcoming = { index, known: await states.after(index, this.#state) };
    const { running } = this.#live;
    return running ? { guest: running.machine.guest, values: running.values } : noMachine(this.#scene);
  }

  async stepDone(index: number, clean: boolean): Promise<void> {
    const { states } = this.#setup;
    const upcoming = this.#upcoming;
    const before = this.#state;
    const known = await states.after(index, before);
    const sameFiles = upcoming?.index === index && sameParts(upcoming.known, known);
    this.#reached[index] = known.parts;
    const step = this.#scene.build.steps[index]!;
    if (!clean || !sameFiles) {
      if (!sameFiles) this.#scene.reporter.warn(`what ${stepName(step)} reads has changed while it ran`);
      this.#state = { key: undefined, hasSecret: known.state.hasSecret };
      return;
    }
    this.#state = known.state;
    if (known.state.key === undefined || known.state.key === before.key) return;
    const { steps } = this.#scene.build;
    const label = stepLabel(step, index, steps.length);
    if (this.#live.running) await this.#keep(label, known.state.key);
    else if (this.#record) await this.#keepAgain(this.#record, label, known.state.key);
  }

  async keepFailed(index: number): Promise<void> {
    const { build, plan, reporter } = this.#scene;
    const { steps } = build;
    if (!this.#live.running) return;
    const key = failedKey(plan.plan, build.name);
    await this.#keep(`the failure of ${stepLabel(steps[index]!, index, steps.length)}`, key, index);
    await this.#live.settled();
    if (this.#live.isBroken) return;
    reporter.say(
      'the failed machine is kept: `kiln build --resume` goes on in it, `kiln build --shell-at failed` opens a shell in it',
    );
  }

  async finish(): Promise<{
    readonly artifact: Artifact;
    readonly values: Readonly<Record<string, string>>;
  }> {
    const { states, store } = this.#setup;
    await this.#remember();
    const finished = states.finished(this.#state);
    const record = this.#live.running ? undefined : await states.find(finished);
    if (record) {
      return {
        artifact: await remakeArtifact(this.#scene, restorePoint(store, record)),
        values: firstValues(this.#scene),
      };
    }
    const { machine, values } = await this.#up();
    const artifact = await finishMachine(this.#scene, machine, this.#live.settled());
    await this.#live.keepFinished(finished.key);
    if (this.#scene.plan.options.resume)
      await store.remove(failedKey(this.#scene.plan.plan, this.#scene.build.name));
    return { artifact, values };
  }

  resultKey(): string | undefined {
    return this.#setup.states.resultKey(this.#state);
  }

  async foreseenResult(): Promise<string | undefined> {
    return this.#scene.plan.options.resume ? undefined : this.#setup.states.foreseenResult();
  }

  outputKey(input: string, output: Output): string | undefined {
    return this.#setup.states.outputKey(input, output);
  }

  get isNew(): boolean {
    return this.#isNew;
  }

  get untouched(): boolean {
    return this.#live.running === undefined && !this.#hasRun;
  }

  async #remember(): Promise<void> {
    const { build, plan } = this.#scene;
    const steps = [];
    for (const [index, step] of build.steps.entries()) {
      const parts = this.#reached[index];
      if (!parts) break;
      steps.push({ label: stepLabel(step, index, build.steps.length), parts });
    }
    const machine = (await this.#setup.states.first()).parts;
    const last = { machine, steps };
    const { home } = plan.services;
    const hide = (text: string) => plan.secrets.hide(text);
    // What it is good for is a word in a list: a full disk must not cost the build.
    await writeLastBuild(home, plan.plan, build.name, last, hide).catch(() => {});
  }

  async abandon(keep: boolean): Promise<void> {
    await this.#live.settled();
    await this.#remember();
    await this.#live.abandon(keep);
  }

  /** The machine, running, in the state that is meant. */
  async #up(): Promise<MachineWithValues> {
    if (this.#live.running) return this.#live.running;
    if (this.#record) return this.#live.restore(this.#record, this.#recordLabel);
    const running = await this.#live.start();
    const { key } = this.#state;
    const isKept = key !== undefined && (await this.#setup.store.has(key));
    if (!isKept || !this.#setup.options.use) await this.#keep('the start of the machine', key);
    return running;
  }

  async #keep(step: string, key: string | undefined, failedStep?: number): Promise<void> {
    if (key === undefined) return;
    // A step that has failed has handled its secrets all the same.
    const upcoming = failedStep === undefined ? undefined : this.#upcoming?.known.state;
    const hasSecret = this.#state.hasSecret || upcoming?.hasSecret === true;
    await this.#live.keep({ step, key, hasSecret, ...(failedStep === undefined ? {} : { failedStep }) });
  }

  /** The state before, for a step that needed no machine. */
  async #keepAgain(record: CheckpointRecord, step: string, key: string): Promise<void> {
    const { reporter, plan } = this.#scene;
    try {
      this.#record = await this.#setup.store.addAgain(record, key, plan.secrets.hide(step));
    } catch (error) {
      reporter.warn(`no checkpoint is kept after ${step}: ${messageOf(error)}`);
    }
  }

  /** Index of the last step that can be skipped together with this one. */
  #endOfStretch(from: number): number {
    const { natures } = this.#setup.states;
    let end = from;
    while (end + 1 < natures.length && natures[end + 1]!.restorable) end++;
    return end;
  }
}

function sameParts(a: KnownStep, b: KnownStep): boolean {
  const names = Object.keys(a.parts);
  return (
    names.length === Object.keys(b.parts).length && names.every((name) => a.parts[name] === b.parts[name])
  );
}
