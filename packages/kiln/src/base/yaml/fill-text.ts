import type { Scalar } from 'yaml';
import type { SourceLocation } from '../errors.ts';
import { nearest } from '../suggest.ts';
import { type Interpolated, type InterpolationProblem, interpolate, type Scope } from './interpolate.ts';
import type { Problems } from './problems.ts';
import type { YamlDocument } from './yaml-document.ts';

export interface FillContext {
  readonly yaml: YamlDocument;
  readonly scope: Scope;
  readonly problems: Problems;
}

/** A text with its references filled in. */
export interface FilledText extends Pick<Interpolated, 'text' | 'changed'> {
  /** Something was wrong with it, here or where a variable is declared, and is reported. */
  readonly problems: boolean;
}

/** Fills in the references of a text of the file, and reports those that cannot be. */
export function fillText(
  node: Scalar,
  written: string,
  isScript: boolean,
  { yaml, scope, problems }: FillContext,
): FilledText {
  const filled = interpolate(written, scope, isScript);
  let from = 0;
  for (const problem of filled.problems) {
    const piece = problem.kind === 'malformed' ? problem.reference : `\${${problem.reference}}`;
    const { at, next } = placeOf(yaml, node, piece, from);
    from = next;
    const { message, hint } = explainReference(problem, scope, isScript);
    problems.error(at, message, hint);
  }
  return {
    text: filled.text,
    changed: filled.changed,
    problems: filled.problems.length > 0 || filled.incomplete,
  };
}

/** What is wrong with a reference, and what to do. */
export function explainReference(
  { kind, reference }: InterpolationProblem,
  scope: Scope,
  isScript: boolean,
): { readonly message: string; readonly hint: string } {
  const noun = scope.noun ?? 'variable';
  const elsewhere = scope.unknown?.get(reference);
  if (kind === 'not-here' && elsewhere) return elsewhere;
  if (kind === 'list') {
    return {
      message: `the ${noun} "${reference}" is a list, which cannot be part of a text`,
      hint: 'let it stand alone where a list, or an entry of one, may stand',
    };
  }
  if (scope.fixed) {
    return {
      message: `a ${noun}'s value cannot take other ${noun}s`,
      hint: 'write "$${" for a plain "${"',
    };
  }
  if (kind === 'malformed') {
    return {
      message: `"${reference}" is not a ${noun}`,
      hint: `a ${noun} is "\${name}"; write "$\${" for a plain "\${"`,
    };
  }
  const guess = nearest(reference, namesOf(scope));
  const declare = `declare it under "${noun}s:"`;
  return {
    message: `there is no ${noun} "${reference}"`,
    hint:
      guess !== undefined
        ? `did you mean "\${${guess}}"?`
        : isScript
          ? `${declare}, or write "$\${${reference}}" for the shell's own`
          : declare,
  };
}

function namesOf({ values, unset, lists, unknown }: Scope): string[] {
  return [...values.keys(), ...unset, ...(lists?.keys() ?? []), ...(unknown?.keys() ?? [])];
}

/** Place of a piece of a text, also in a block text whose indentation is not part of the value. */
function placeOf(
  yaml: YamlDocument,
  node: Scalar,
  piece: string,
  from: number,
): { readonly at: SourceLocation; readonly next: number } {
  const [start, end] = node.range ?? [0, 0];
  const found = yaml.text.indexOf(piece, Math.max(from, start));
  const offset = found < 0 || found > end ? start : found;
  return { at: yaml.locate(offset), next: offset + piece.length };
}
