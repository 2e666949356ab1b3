import type { HclFunction } from '@kiln/hcl';

export interface FunctionOptions {
  /** Absolute folder that relative paths start from. */
  readonly folder: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly startedAt: Date;
}

export function hclFunctions(_options: FunctionOptions): ReadonlyMap<string, HclFunction> {
  return new Map();
}
