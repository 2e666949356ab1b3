import type { SourceLocation } from '../base/errors.ts';
import type { Step } from './step.ts';

/** Something that is done to a machine after it is up. */
export interface Provisioner {
  /** What people call it; undefined: by the kind of its step. */
  readonly name?: string;
  /** The word for its kind in the file it came from, such as `ansible_local`: `--provision-with` selects by it too. */
  readonly type: string;
  /** `once`: when the machine is new, and when asked. `never`: only when asked for by name. */
  readonly run: 'once' | 'always' | 'never';
  /** Done right before or after another provisioner: that of this name, `each` one, or `all` together. */
  readonly before?: string;
  readonly after?: string;
  /** False: it does not need a machine that can be logged in to. */
  readonly needsGuest: boolean;
  readonly steps: readonly Step[];
  /** Sessions afterwards are on a new connection: groups and variables of the login are read again. */
  readonly reconnect?: boolean;
  readonly at?: SourceLocation;
}
