import type { Problems } from './problems.ts';
import type { Places } from './schema/places.ts';

/** What the compiling of every part of the file needs. */
export interface CompileContext {
  /** Folder of kiln.yaml: relative paths refer to it. */
  readonly folder: string;
  readonly hostCpus: number;
  readonly problems: Problems;
  readonly places: Places;
  /** Names of the file's images. */
  readonly imageNames: readonly string[];
}
