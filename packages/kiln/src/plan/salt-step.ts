import type { Copy } from './copy.ts';
import type { StepBase } from './step-base.ts';
import type { Text } from './text.ts';

/**
 * A Salt minion in the machine, most often without a master (https://docs.saltproject.io/en/latest/ref/cli/salt-call.html).
 * Paths without a slash in front start in the step's folder there.
 */
export interface SaltStep extends StepBase {
  readonly kind: 'salt';
  readonly copies: readonly Copy[];
  readonly folder?: string;
  readonly cleanFolder: boolean;
  readonly asRoot: boolean;
  /** No master is asked: `salt-call --local`. */
  readonly masterless: boolean;
  /** What is applied: `highstate`, the name of a state, or nothing. */
  readonly state?: string;
  /** Where states and pillars are in the machine, when the minion's configuration does not say. */
  readonly stateFolder?: string;
  readonly pillarFolder?: string;
  readonly configFolder?: string;
  /** Pillar of our own. */
  readonly pillar: Readonly<Record<string, unknown>>;
  /** Copied to their places before anything runs. */
  readonly minionConfig?: string;
  readonly grains?: string;
  readonly minionId?: string;
  readonly minionKey?: { readonly private: string; readonly public: string };
  /** Values of minion.d that are not in a file of their own. */
  readonly minionSettings?: Readonly<Record<string, unknown>>;
  readonly logLevel?: string;
  readonly arguments: readonly Text[];
  readonly binaryFolder?: string;
  /** A state that fails does not fail the step. */
  readonly ignoreFailures: boolean;
  readonly install?: SaltInstallation;
  /** Start the minion's service, or keep it from starting; undefined: leave it. */
  readonly service?: boolean;
}

export interface SaltInstallation {
  /** Bootstrap script in the machine; undefined: the one of the Salt project is fetched. */
  readonly script?: string;
  /** Words for the script. */
  readonly arguments: string;
  /** Also when there is a minion. */
  readonly always: boolean;
}
