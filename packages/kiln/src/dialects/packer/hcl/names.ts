import type { Range } from '@kiln/hcl';
import type { Problems } from '../problems.ts';
import { placeOf } from './diagnostics.ts';

/** Whether a label can be a name in an expression: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#identifiers */
export function isName(text: string): boolean {
  return /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(text);
}

/** Says so when a label is no name. */
export function checkName(text: string, what: string, range: Range, problems: Problems): void {
  if (isName(text)) return;
  problems.error(
    placeOf(range),
    `"${text}" cannot be the name of ${what}`,
    'a name begins with a letter and goes on with letters, digits, _ and -',
  );
}
