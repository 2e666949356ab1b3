import type { Step } from '../plan/step.ts';

/** `step 2 of 3: shell`, or `step 2 of 3: install nginx (shell)` when the step has a name of its own. */
export function stepLabel(step: Step, index: number, total: number): string {
  return `step ${index + 1} of ${total}: ${stepName(step)}`;
}

export function stepName(step: Step): string {
  return step.name === undefined || step.name === step.kind ? step.kind : `${step.name} (${step.kind})`;
}
