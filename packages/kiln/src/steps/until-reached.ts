import { sleep } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import type { StepContext } from './step-context.ts';

const retryInterval = 250;

/**
 * Starts something in the machine, again and again while the connection breaks before it has begun, for at most
 * `patience` milliseconds.
 * @throws KilnError what `start` throws
 */
export async function untilReached<T>(
  patience: number,
  context: StepContext,
  start: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const passing = error instanceof KilnError && error.code === 'guest-disconnected';
      if (!passing || performance.now() >= deadline) throw error;
      await sleep(retryInterval, context.signal);
    }
  }
}
