import type { Places } from '../../base/yaml/places.ts';
import type { Problems } from '../../base/yaml/problems.ts';

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
