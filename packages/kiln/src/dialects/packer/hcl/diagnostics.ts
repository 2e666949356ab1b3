import type { Diagnostic, Range } from '@kiln/hcl';
import type { SourceLocation } from '../../../base/errors.ts';
import type { Problems } from '../problems.ts';

/** Where a range begins. */
export function placeOf({ file, start }: Range): SourceLocation {
  return { file, line: start.line, column: start.column };
}

/** A place within a message: `main.pkr.hcl:3:1`. */
export function placeText(range: Range): string {
  const { file, line, column } = placeOf(range);
  return `${file}:${line}:${column}`;
}

/** Passes on what the language has to say. */
export function report(problems: Problems, diagnostics: readonly Diagnostic[]): void {
  for (const one of diagnostics) {
    const hint = one.suggestion === undefined ? undefined : `did you mean "${one.suggestion}"?`;
    if (one.severity === 'error') problems.error(placeOf(one.subject), messageOf(one), hint);
    else problems.warn(placeOf(one.subject), messageOf(one), hint);
  }
}

/** In one line; what was probably meant is for the hint. */
export function messageOf({ summary, detail, suggestion }: Diagnostic): string {
  const told = suggestion === undefined ? detail : detail.replace(` Did you mean "${suggestion}"?`, '');
  const line = told.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line === '' ? small(summary) : `${small(summary)}: ${small(line)}`;
}

/** Sentences begin with a capital, messages do not. */
function small(text: string): string {
  return /^[A-Z][a-z ]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}
