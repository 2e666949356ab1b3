import { sleep } from '../base/cancellation.ts';
import { formatDuration } from '../base/durations.ts';
import type { StepContext } from './step-context.ts';

/** The pause that a step asks for after its work. @throws KilnError `cancelled` */
export async function pauseAfter(milliseconds: number, context: StepContext): Promise<void> {
  if (milliseconds <= 0) return;
  context.say(`Pausing ${formatDuration(milliseconds)} after this step`);
  await sleep(milliseconds, context.signal);
}
