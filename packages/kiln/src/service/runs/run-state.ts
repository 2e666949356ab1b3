import type { RunState, RunSubState } from './runs.ts';

export type FinalState = Exclude<RunState, 'Running' | 'Canceling'>;

/** In the order that runs go through them. */
export const subStates: readonly RunSubState[] = [
  'Queued',
  'Building',
  'Customizing',
  'Optimizing',
  'Validating',
  'Distributing',
];

export function isFinal(state: RunState): state is FinalState {
  return state !== 'Running' && state !== 'Canceling';
}

/** Whether a run may go on to a sub-state: never back, unless it is put back to wait for another worker. */
export function mayGoOn(from: RunSubState, to: RunSubState): boolean {
  return to === 'Queued' || subStates.indexOf(to) > subStates.indexOf(from);
}

/** How the parts of a run that was not cancelled went. */
export interface RunParts {
  readonly outputs: readonly { readonly name: string; readonly error?: string }[];
  /** The image was made and distributed although a validation failed. */
  readonly validationFailed: boolean;
}

/** What a run is that came to its end, and why. */
export function outcomeOf({ outputs, validationFailed }: RunParts): {
  readonly state: Exclude<FinalState, 'Canceled'>;
  readonly message: string;
} {
  const failed = outputs.filter(({ error }) => error !== undefined);
  const words = failed.map(({ name, error }) => `${name}: ${error}`).join('; ');
  if (validationFailed) {
    const text = 'a validation failed; the image was distributed because continueDistributeOnFailure says so';
    return { state: 'Failed', message: words === '' ? text : `${text}. Not distributed: ${words}` };
  }
  if (failed.length === 0) return { state: 'Succeeded', message: '' };
  if (failed.length < outputs.length) return { state: 'PartiallySucceeded', message: words };
  return { state: 'Failed', message: words };
}
