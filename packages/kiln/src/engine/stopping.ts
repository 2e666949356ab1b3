import { cancelled } from '../base/cancellation.ts';

/**
 * Waits for work that should end by itself soon after `signal` is raised, but no longer than `grace`
 * milliseconds after that, and not at all once `force` is raised. The work is then left to itself: ending its
 * machine ends it.
 * @throws what the work throws; KilnError `cancelled` when it was given up
 */
export function settle<T>(
  work: Promise<T>,
  stop: { readonly signal: AbortSignal; readonly force?: AbortSignal; readonly grace: number },
): Promise<T> {
  const { signal, force, grace } = stop;
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const giveUp = () => finish(() => reject(cancelled()));
    const begin = () => {
      if (force?.aborted) giveUp();
      else timer = setTimeout(giveUp, grace);
    };
    const onForce = () => {
      if (signal.aborted) giveUp();
    };
    const finish = (settleOuter: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', begin);
      force?.removeEventListener('abort', onForce);
      settleOuter();
    };
    signal.addEventListener('abort', begin, { once: true });
    force?.addEventListener('abort', onForce, { once: true });
    if (signal.aborted) begin();
    work.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    );
  });
}

/** Waits for a clean-up, no longer than `limit` milliseconds or until `force`. Its errors go to `onError`. */
export async function waitForCleanup(
  work: Promise<void>,
  limit: number,
  force: AbortSignal | undefined,
  onError: (error: unknown) => void,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let onForce: (() => void) | undefined;
  // Even a hurried clean-up gets a moment: ending a machine hard takes no longer.
  const hurried = 2000;
  const limited = new Promise<void>((resolve) => {
    const shorten = () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, Math.min(limit, hurried));
    };
    timer = setTimeout(resolve, limit);
    onForce = shorten;
    force?.addEventListener('abort', shorten, { once: true });
    if (force?.aborted) shorten();
  });
  try {
    await Promise.race([work.catch(onError), limited]);
  } finally {
    clearTimeout(timer);
    if (onForce) force?.removeEventListener('abort', onForce);
  }
}
