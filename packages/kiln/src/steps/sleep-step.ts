import { sleep } from '../base/cancellation.ts';
import { formatDuration } from '../base/durations.ts';
import type { SleepStep } from '../plan/step.ts';
import type { StepRunner } from './step-context.ts';

export const runSleepStep: StepRunner<SleepStep> = async (step, context) => {
  context.say(`Pausing ${formatDuration(step.duration)}`);
  await sleep(step.duration, context.signal);
};
