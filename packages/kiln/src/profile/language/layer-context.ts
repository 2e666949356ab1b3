import type { Scope } from '../../base/yaml/interpolate.ts';
import type { Places } from '../../base/yaml/places.ts';
import type { Problems } from '../../base/yaml/problems.ts';
import type { ConditionScope } from './condition-subjects.ts';
import type { LocalFiles } from './local-files.ts';

/** What reading one file of a profile into layers needs. */
export interface LayerContext extends ConditionScope {
  readonly scope: Scope;
  readonly problems: Problems;
  readonly places: Places;
  readonly files: LocalFiles;
  /** Hides a text in everything that is printed. */
  readonly conceal: (text: string) => void;
}
