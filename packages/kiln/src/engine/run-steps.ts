import { throwIfCancelled } from '../base/cancellation.ts';
import type { KilnError } from '../base/errors.ts';
import type { Step } from '../plan/step.ts';
import { fetchFile } from '../sources/fetch-file.ts';
import type { StepContext } from '../steps/step-context.ts';
import { attemptStep } from './attempt-step.ts';
import type { BuildMachine, StepMachine } from './build-machine.ts';
import { type BuildScene, innerBuild, rendererFor } from './build-scene.ts';
import { asKilnError, SeveralFailures } from './failure.ts';
import type { OnError } from './run-options.ts';
import { stepLabel, stepName } from './step-label.ts';

/**
 * Runs a build's steps in order. When one fails that may not, `onError` decides: clean up, leave the machine
 * (`keepMachine` is called), or, when a person is asked, try the step again. The clean-up step runs after such a
 * failure unless the machine is left without it; it does not run after a cancellation, as with Packer.
 * Gives the failures of steps that let the build go on to its end before it fails.
 * @throws KilnError, SeveralFailures
 */
export async function runSteps(
  scene: BuildScene,
  machine: BuildMachine,
  keepMachine: () => void,
): Promise<readonly KilnError[]> {
  const { build, plan } = scene;
  const late: KilnError[] = [];
  for (const [index, step] of build.steps.entries()) {
    const label = stepLabel(step, index, build.steps.length);
    throwIfCancelled(plan.signal);
    if (await machine.skips(index)) {
      scene.reporter.restored(label);
      continue;
    }
    const context = stepContext(scene, await machine.forStep(index));
    let clean = true;
    for (;;) {
      throwIfCancelled(plan.signal);
      if (plan.options.debug) {
        await plan.ask(`${build.name}: about to run ${label}. Press Enter to go on.`, plan.signal);
        throwIfCancelled(plan.signal);
      }
      try {
        await runOne(scene, step, label, context);
        break;
      } catch (error) {
        throwIfCancelled(plan.signal);
        const failure = asKilnError(error, 'step-failed');
        if (step.continueOnError) {
          scene.reporter.warn(`${label} failed, and the build goes on: ${failure.message}`);
          clean = false;
          break;
        }
        if (step.failsAtEnd) {
          scene.reporter.warn(
            `${label} failed; the build goes on to its end, and has failed then: ${failure.message}`,
          );
          late.push(failure);
          clean = false;
          break;
        }
        const choice = await choose(scene, step, label, failure);
        throwIfCancelled(plan.signal);
        clean = false;
        if (choice === 'retry') continue;
        if (choice === 'resume-later') await machine.keepFailed(index);
        else if (choice !== 'cleanup') keepMachine();
        const second =
          choice === 'abort' || choice === 'resume-later' ? undefined : await cleanUp(scene, context);
        throw second ? new SeveralFailures([failure, second]) : failure;
      }
    }
    await machine.stepDone(index, clean);
  }
  return late;
}

function runOne(scene: BuildScene, step: Step, label: string, context: StepContext): Promise<void> {
  const { services, graces, options } = scene.plan;
  return scene.reporter.stage(label, () =>
    attemptStep(step, context, {
      runStep: services.runStep,
      grace: graces.work,
      ...(options.forceSignal ? { force: options.forceSignal } : {}),
    }),
  );
}

type Choice = Exclude<OnError, 'ask'> | 'retry';

async function choose(scene: BuildScene, step: Step, label: string, failure: KilnError): Promise<Choice> {
  const { build, plan, reporter } = scene;
  const onError = plan.options.onError ?? step.onError ?? 'cleanup';
  if (onError !== 'ask') return onError;
  for (;;) {
    const question = `${build.name}: ${label} failed: ${failure.message}\n[c]lean up, [a]bort and keep its disks, [r]etry the step?`;
    const answer = (await plan.ask(question, plan.signal)).trim().toLowerCase();
    if (answer === '' || answer.startsWith('c')) return 'cleanup';
    if (answer.startsWith('a')) return 'abort';
    if (answer.startsWith('r')) return 'retry';
    reporter.say(`"${answer}" is none of c, a, r`);
  }
}

/** The clean-up step has its own time and goes on after a first interrupt. Resolves with its failure. */
async function cleanUp(scene: BuildScene, context: StepContext): Promise<KilnError | undefined> {
  const { build, plan, reporter } = scene;
  const step = build.cleanupStep;
  if (!step) return undefined;
  const { forceSignal } = plan.options;
  const signal = forceSignal ?? new AbortController().signal;
  const limited: Step = { ...step, timeout: step.timeout > 0 ? step.timeout : plan.graces.cleanupStep };
  try {
    const label = `clean-up step: ${stepName(step)}`;
    await reporter.stage(label, () =>
      attemptStep(
        limited,
        { ...context, signal },
        { runStep: plan.services.runStep, grace: plan.graces.work, force: signal },
      ),
    );
    return undefined;
  } catch (error) {
    if (forceSignal?.aborted) return undefined;
    const failure = asKilnError(error, 'step-failed');
    reporter.warn(`the clean-up step failed: ${failure.message}`);
    return step.continueOnError ? undefined : failure;
  }
}

function stepContext(scene: BuildScene, { guest, values }: StepMachine): StepContext {
  const { build, plan, reporter, scratch } = scene;
  return {
    build: innerBuild(build),
    guest,
    values,
    render: rendererFor(scene, values),
    say: reporter.say,
    output: reporter.output,
    emit: reporter.emit,
    signal: plan.signal,
    scratch,
    folder: plan.plan.origin.folder,
    fetch: (url, digest) =>
      fetchFile(url, digest, { home: plan.services.home, env: process.env, signal: plan.signal }),
    ownProcess: (pid) => plan.run.ownProcess(pid),
    ask: (question) => plan.ask(`${build.name}: ${question}`, plan.signal),
  };
}
