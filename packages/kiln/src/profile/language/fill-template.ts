import type { SourceLocation } from '../../base/errors.ts';
import { explainReference } from '../../base/yaml/fill-text.ts';
import { interpolate, type Scope } from '../../base/yaml/interpolate.ts';
import type { Problems } from '../../base/yaml/problems.ts';

/** Fills in the references of a file of its own, as those of a script; what is wrong is reported with its place there. */
export function fillTemplate(file: string, source: string, scope: Scope, problems: Problems): string {
  const { text, problems: found } = interpolate(source, scope, true);
  let from = 0;
  for (const problem of found) {
    const piece = `\${${problem.reference}}`;
    const index = source.indexOf(piece, from);
    from = index + piece.length;
    const { message, hint } = explainReference(problem, scope, true);
    problems.error(placeIn(file, source, index), message, hint);
  }
  return text;
}

function placeIn(file: string, text: string, index: number): SourceLocation {
  const before = text.slice(0, index);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { file, line: before.split('\n').length, column: index - lineStart + 1 };
}
