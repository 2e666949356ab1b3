import { cancelled, throwIfCancelled } from '../base/cancellation.ts';
import type { BreakpointStep } from '../plan/step.ts';
import type { StepContext, StepRunner } from './step-context.ts';

/** Stops until the person at the terminal has seen enough; where there is none, the build goes on. */
export const runBreakpointStep: StepRunner<BreakpointStep> = async (step, context) => {
  const note = step.note === '' ? '' : `: ${step.note}`;
  if (step.disabled) {
    context.say(`Breakpoint is disabled, going on${note}`);
    return;
  }
  context.say(`Pausing at breakpoint${note}`);
  await orCancelled(context, context.ask('Press enter to go on. '));
};

function orCancelled<T>({ signal }: StepContext, answer: Promise<T>): Promise<T> {
  throwIfCancelled(signal);
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
