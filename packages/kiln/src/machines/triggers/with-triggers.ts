import { KilnError, messageOf } from '../../base/errors.ts';
import { attemptStep } from '../../engine/attempt-step.ts';
import { BuildReporter } from '../../engine/build-reporter.ts';
import { asKilnError } from '../../engine/failure.ts';
import { Secrets } from '../../engine/secrets.ts';
import { noGuest } from '../../guests/no-guest.ts';
import type { Step } from '../../plan/step.ts';
import type { Trigger } from '../../plan/trigger.ts';
import { runStep } from '../../steps/run-step.ts';
import type { StepContext } from '../../steps/step-context.ts';
import { Run } from '../../store/run.ts';
import { createRenderer } from '../../text/render-text.ts';
import { type MachineRecord, machineState } from '../machine-record.ts';
import type { MachineServices } from '../machine-services.ts';
import { machineStepContext } from '../provision/machine-step-context.ts';
import type { OpenGuest } from '../provision/reopening-guest.ts';
import { triggersFor } from './choose-triggers.ts';
import { TriggerAbort } from './trigger-abort.ts';

export interface TriggerServices extends Pick<MachineServices, 'home' | 'emit' | 'signal'> {
  /** Runs a block of the file's own language. Where there is nobody who can, such a block is an error. */
  readonly runCode?: (block: TriggerCode) => Promise<void>;
}

export interface TriggerCode {
  readonly file: string;
  readonly line: number;
  /** Name of the machine; undefined for a command as a whole. */
  readonly machine?: string;
  readonly signal: AbortSignal;
}

export interface TriggerScene {
  /** A word such as `up`. */
  readonly command: string;
  /** `action` when not given: the work of a command on one machine. */
  readonly type?: Trigger['type'];
  readonly triggers: readonly Trigger[];
  /** Folder of the file with the triggers: programs run there. */
  readonly folder: string;
  readonly machine?: TriggerMachine;
  /** Texts that nobody may see. */
  readonly secrets?: readonly string[];
}

export interface TriggerMachine {
  readonly name: string;
  /** What is known of it at this moment: before `up` there may be nothing yet. */
  readonly record: () => Promise<MachineRecord | undefined>;
  readonly openGuest: (record: MachineRecord) => OpenGuest;
}

/**
 * Does some work with the triggers before and after it. Those after it run when it has succeeded.
 * @throws what the work throws; TriggerAbort when a trigger ends everything; KilnError of a trigger that may not fail
 */
export async function withTriggers<T>(
  services: TriggerServices,
  scene: TriggerScene,
  work: () => Promise<T>,
): Promise<T> {
  await fireTriggers(services, scene, 'before');
  const result = await work();
  await fireTriggers(services, scene, 'after');
  return result;
}

/** Runs the triggers of one moment in their order. @throws as `withTriggers` */
export async function fireTriggers(
  services: TriggerServices,
  scene: TriggerScene,
  when: Trigger['when'],
): Promise<void> {
  const { command, type = 'action', machine } = scene;
  const moment = { when, type, command, ...(machine && { machine: machine.name }) };
  const triggers = triggersFor(scene.triggers, moment);
  if (triggers.length === 0) return;
  const secrets = new Secrets(scene.secrets ?? []);
  const reporter = new BuildReporter(machine?.name ?? command, services.emit, secrets, undefined);
  for (const trigger of triggers) await fire(trigger, { services, scene, reporter, when });
}

interface Firing {
  readonly services: TriggerServices;
  readonly scene: TriggerScene;
  readonly reporter: BuildReporter;
  readonly when: Trigger['when'];
}

async function fire(trigger: Trigger, firing: Firing): Promise<void> {
  const { reporter, scene, when } = firing;
  const label = trigger.name ?? `trigger ${when} ${scene.command}`;
  reporter.say(trigger.name === undefined ? `running the ${label}` : `running the trigger ${label}`);
  if (trigger.info !== undefined) reporter.say(trigger.info);
  if (trigger.warn !== undefined) reporter.warn(trigger.warn);
  if (trigger.abort !== undefined) throw new TriggerAbort(trigger.abort, label);
  if (trigger.run) await orContinue(trigger, label, firing, () => runOnHost(trigger.run!, firing));
  if (trigger.runRemote)
    await orContinue(trigger, label, firing, () => runInMachine(trigger.runRemote!, firing));
  if (trigger.code) await runCode(trigger.code, trigger, label, firing);
}

/** A trigger that may fail only says so. */
async function orContinue(
  { onError, at }: Trigger,
  label: string,
  { reporter }: Firing,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const failure = asKilnError(error, 'step-failed');
    if (failure.code === 'cancelled') throw failure;
    if (onError === 'continue') {
      reporter.warn(`the trigger ${label} failed, and the command goes on: ${messageOf(failure)}`);
      return;
    }
    const place = failure.at ?? at;
    throw new KilnError(failure.code, `the trigger ${label} failed: ${failure.message}`, {
      ...(failure.hint !== undefined && { hint: failure.hint }),
      ...(place && { at: place }),
      cause: failure,
    });
  }
}

const grace = 10_000;

async function runOnHost(step: Step, firing: Firing): Promise<void> {
  const { services, scene, reporter } = firing;
  const build = { name: scene.machine?.name ?? scene.command, type: 'trigger' };
  await withRun(services.home, async (run) => {
    const context: StepContext = {
      build,
      guest: noGuest('this part of the trigger runs on the host'),
      values: {},
      render: createRenderer({ build, values: {}, templateFolder: scene.folder }),
      say: reporter.say,
      output: reporter.output,
      emit: reporter.emit,
      signal: services.signal,
      scratch: run.folder,
      folder: scene.folder,
      ownProcess: (pid) => run.ownProcess(pid),
      ask: async () => '',
    };
    await attemptStep(step, context, { runStep, grace });
  });
}

async function runInMachine(step: Step, { services, scene, reporter }: Firing): Promise<void> {
  const { machine } = scene;
  const record = await machine?.record();
  if (!machine || !record) {
    throw new KilnError('not-found', 'there is no machine yet that it could run in', {
      hint: '`on_error: :continue` goes on without it',
    });
  }
  const state = await machineState(services.home, record.id);
  if (state !== 'running') {
    throw new KilnError('guest-unreachable', `${machine.name} is ${state}: nothing can run in it`, {
      hint: '`on_error: :continue` goes on without it',
    });
  }
  const guest = await machine.openGuest(record)(services.signal);
  try {
    await withRun(services.home, async (run) => {
      const { home, signal } = services;
      const context = machineStepContext({
        home,
        record,
        guest,
        reporter,
        run,
        signal,
        folder: scene.folder,
      });
      await attemptStep(step, context, { runStep, grace });
    });
  } finally {
    await guest.close();
  }
}

/** What a block throws always ends the command, as with Vagrant. */
async function runCode(
  [file, line]: readonly [string, number],
  { at }: Trigger,
  label: string,
  { services, scene }: Firing,
): Promise<void> {
  if (!services.runCode) {
    throw new KilnError('unsupported', `the trigger ${label} is code that nobody here can run`, {
      ...(at && { at }),
    });
  }
  await services.runCode({
    file,
    line,
    signal: services.signal,
    ...(scene.machine && { machine: scene.machine.name }),
  });
}

async function withRun(home: string, work: (run: Run) => Promise<void>): Promise<void> {
  const run = await Run.open(home);
  try {
    await work(run);
  } finally {
    await run.close();
  }
}
