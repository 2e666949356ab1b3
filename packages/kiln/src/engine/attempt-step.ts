import { sleep, throwIfCancelled } from '../base/cancellation.ts';
import { formatDuration } from '../base/durations.ts';
import { KilnError } from '../base/errors.ts';
import type { Step } from '../plan/step.ts';
import type { StepContext, StepRunner } from '../steps/step-context.ts';
import { asKilnError } from './failure.ts';
import { settle } from './stopping.ts';

export interface AttemptOptions {
  readonly runStep: StepRunner<Step>;
  /** How long the step may take to stop once told to, in milliseconds. */
  readonly grace: number;
  readonly force?: AbortSignal;
}

/**
 * Runs one step with its pause, timeout and retries. Every attempt pauses first, and has the whole timeout for
 * itself, as with Packer; unlike there the timeout holds with a pause too, and the last error is reported.
 * @throws KilnError `cancelled` when the context's signal was raised, `step-timeout`, what the step throws
 */
export async function attemptStep(step: Step, context: StepContext, options: AttemptOptions): Promise<void> {
  const attempts = step.maxRetries + 1;
  for (let attempt = 1; ; attempt++) {
    throwIfCancelled(context.signal);
    if (step.pauseBefore > 0) {
      context.say(`pausing ${formatDuration(step.pauseBefore)} before this step`);
      await sleep(step.pauseBefore, context.signal);
    }
    try {
      await runOnce(step, context, options);
      return;
    } catch (error) {
      throwIfCancelled(context.signal);
      const failure = asKilnError(error, 'step-failed');
      if (attempt === attempts)
        throw attempts === 1 ? located(failure, step) : exhausted(failure, step, attempts);
      context.say(`attempt ${attempt} of ${attempts} failed: ${failure.message}`);
    }
  }
}

async function runOnce(step: Step, context: StepContext, options: AttemptOptions): Promise<void> {
  const { runStep, grace, force } = options;
  const timeUp = new AbortController();
  const signal = AbortSignal.any([context.signal, timeUp.signal]);
  const timer =
    step.timeout > 0 ? setTimeout(() => timeUp.abort(), Math.min(step.timeout, longestTimer)) : undefined;
  try {
    await settle(runStep(step, { ...context, signal }), {
      signal,
      grace,
      ...(force ? { force } : {}),
    });
  } catch (error) {
    // A step that was stopped fails in its own words; why it was stopped is what matters.
    if (timeUp.signal.aborted && !context.signal.aborted) {
      throw new KilnError('step-timeout', `the step did not end within ${formatDuration(step.timeout)}`, {
        hint: 'give the step a longer timeout, or find out what it waits for',
        cause: error,
      });
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** setTimeout's largest delay; beyond it Node fires at once. */
const longestTimer = 2 ** 31 - 1;

function located(failure: KilnError, step: Step): KilnError {
  if (failure.at !== undefined || step.at === undefined) return failure;
  return new KilnError(failure.code, failure.message, detailsOf(failure, step));
}

function exhausted(failure: KilnError, step: Step, attempts: number): KilnError {
  return new KilnError(
    failure.code,
    `${failure.message} (after ${attempts} attempts)`,
    detailsOf(failure, step),
  );
}

function detailsOf(failure: KilnError, step: Step) {
  const at = failure.at ?? step.at;
  return {
    cause: failure.cause,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    ...(at === undefined ? {} : { at }),
  };
}
