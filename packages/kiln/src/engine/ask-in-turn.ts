import { settle } from './stopping.ts';

type Ask = (question: string, signal: AbortSignal) => Promise<string>;

/**
 * Builds run side by side, but there is one person: questions wait for each other. Answers with an empty string
 * as soon as the signal is raised, even when the question never came up.
 */
export function askInTurn(ask: Ask): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return async (question, signal) => {
    const mine = last.then(() => (signal.aborted ? '' : ask(question, signal)));
    const waited = settle(mine, { signal, grace: 0 }).catch(() => '');
    last = waited;
    return waited;
  };
}
