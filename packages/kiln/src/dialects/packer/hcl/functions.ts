import type { HclFunction } from '@kiln/hcl';
import { type FunctionOptions, hclFunctions } from '../../../text/hcl-functions.ts';

/** Functions of everything in a template but the defaults of variables. */
export function templateFunctions(options: FunctionOptions): ReadonlyMap<string, HclFunction> {
  return hclFunctions(options);
}

/** The only function that the defaults of variables may call is `env`. */
export function defaultFunctions(_env: FunctionOptions['env']): ReadonlyMap<string, HclFunction> {
  return new Map();
}
