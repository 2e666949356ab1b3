import type { SourceLocation } from '../base/errors.ts';
import type { MachineSpec } from './machine-spec.ts';
import type { Output } from './output.ts';
import type { Source } from './source.ts';
import type { Step } from './step.ts';

/**
 * What to build and what to run: the one thing that passes from the dialects to everything below.
 * Immutable and JSON-serialisable.
 */
export interface Plan {
  readonly kind: 'plan';
  /** The file it was read from, as the user named it, and the folder that run-time paths refer to. */
  readonly origin: { readonly file: string; readonly folder: string; readonly dialect: string };
  readonly builds: readonly Build[];
  readonly machines: readonly MachineSpec[];
  /** Values that may never be shown, logged or hashed in clear. */
  readonly secrets: readonly string[];
}

export interface Build {
  /** The name people see and `--only` matches; unique in the plan. */
  readonly name: string;
  /**
   * What scripts and texts know it by (PACKER_BUILD_NAME, `{{ build_name }}`), when that is not `name`. Several builds
   * may share one.
   */
  readonly innerName?: string;
  /** The builder's type in the template's own words, such as `qemu`; becomes PACKER_BUILDER_TYPE. */
  readonly type: string;
  /** Builds of this plan, standing before this one, whose images it starts from. */
  readonly after?: readonly string[];
  readonly source: Source;
  readonly steps: readonly Step[];
  /** Runs after a step has failed, before the machine is cleaned up. */
  readonly cleanupStep?: Step;
  /** How long all of it may take, in milliseconds. */
  readonly timeLimit?: number;
  readonly outputs: readonly (readonly Output[])[];
  /** Where it stands in the template. */
  readonly at?: SourceLocation;
}
