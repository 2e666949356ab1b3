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
    if (one.severity === 'error') problems.error(placeOf(one.subject), messageOf(one), hintOf(one));
    else problems.warn(placeOf(one.subject), messageOf(one), hintOf(one));
  }
}

/** What was probably meant, or what the variables at fault stand for. */
function hintOf({ suggestion, values = [] }: Diagnostic): string | undefined {
  if (suggestion !== undefined) return `did you mean "${suggestion}"?`;
  const notes = values.map(({ name, value }) => undeclared[name] ?? `${name} is ${value}`);
  return notes.length > 0 ? notes.join(', ') : undefined;
}

/** What is missing from the objects that the template itself fills was not declared. */
const undeclared: Readonly<Partial<Record<string, string>>> = {
  var: 'the template declares no such variable',
  local: 'the template declares no such local',
  data: 'the template declares no such data',
};

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
