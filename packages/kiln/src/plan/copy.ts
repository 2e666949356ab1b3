import type { Text } from './text.ts';

/** Something of this host that a step brings into the machine. */
export interface Copy {
  /** Absolute path of a file or folder. */
  readonly from: string;
  /** Path in the machine that it has there, itself and not in it; without a slash in front under the step's folder. */
  readonly to: string;
}

/** Environment variables or the like, in order; later ones win. */
export type Variables = readonly (readonly [name: string, value: Text])[];
