import type { EvalContext } from '@kiln/hcl';
import { hclFunctions } from '../../../text/hcl-functions.ts';
import { Scope } from './scope.ts';

/** What an expression can refer to where there is no template: functions, `path` and `packer`. */
export function contextWithoutTemplate(options: {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly startedAt: Date;
}): EvalContext {
  const functions = hclFunctions({ ...options, folder: options.cwd }, (all) => all);
  return new Scope({ variables: [], functions, root: '.', cwd: options.cwd }).context();
}
