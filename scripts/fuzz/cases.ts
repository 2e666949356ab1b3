import { Random } from '../../packages/hcl/src/testing/random.ts';
import { mutant } from './mutate.ts';
import type { FuzzTarget } from './targets.ts';

/** The mutant of a case: the same for the same seed, target and number. */
export function caseText(target: FuzzTarget, seed: number, number: number): string {
  let state = seed;
  for (const character of target.name) state = (Math.imul(state, 31) + character.charCodeAt(0)) >>> 0;
  return mutant(new Random((state + Math.imul(number + 1, 0x9e3779b1)) >>> 0), target.corpus);
}
