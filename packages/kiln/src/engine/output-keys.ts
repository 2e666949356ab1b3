import type { Artifact } from '../hosts/artifact.ts';
import type { Output } from '../plan/output.ts';
import type { BuildMachine } from './build-machine.ts';
import type { KeptResults } from './kept-results.ts';
import type { DoneOutputs } from './output-chains.ts';

/** For each output the key of what it makes; undefined from the first on that has to run every time. */
export function keysOfChain(
  chain: readonly Output[],
  original: string | undefined,
  machine: BuildMachine,
): readonly (string | undefined)[] {
  let key = original;
  return chain.map((output) => {
    key = key === undefined ? undefined : machine.outputKey(key, output);
    return key;
  });
}

/** The furthest output of a chain whose result is there. */
export async function doneOutputs(
  keys: readonly (string | undefined)[],
  kept: KeptResults,
): Promise<DoneOutputs | undefined> {
  for (let count = keys.length; count > 0; count--) {
    const key = keys[count - 1];
    const artifact: Artifact | undefined = key === undefined ? undefined : await kept.find(key);
    if (artifact) return { count, artifact };
  }
  return undefined;
}
