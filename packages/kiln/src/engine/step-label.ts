import { KilnError } from '../base/errors.ts';
import type { Step } from '../plan/step.ts';

/** `step 2 of 3: shell`, or `step 2 of 3: install nginx (shell)` when the step has a name of its own. */
export function stepLabel(step: Step, index: number, total: number): string {
  return `step ${index + 1} of ${total}: ${stepName(step)}`;
}

export function stepName(step: Step): string {
  return step.name === undefined || step.name === step.kind ? step.kind : `${step.name} (${step.kind})`;
}

/**
 * Where a step stands that somebody has named, by its number from 1 or by its name or kind.
 * @throws KilnError `not-found`
 */
export function indexOfStep(steps: readonly Step[], wanted: string): number {
  if (/^\d+$/.test(wanted) && Number(wanted) >= 1 && Number(wanted) <= steps.length)
    return Number(wanted) - 1;
  const index = steps.findIndex((step) => step.name === wanted || step.kind === wanted);
  if (index >= 0) return index;
  const names = steps.map((step, at) => `${at + 1} ${stepName(step)}`);
  throw new KilnError('not-found', `there is no step "${wanted}"`, {
    hint: names.length > 0 ? `the steps are: ${names.join(', ')}` : 'the build has no steps',
  });
}
