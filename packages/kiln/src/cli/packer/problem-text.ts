import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SourceLocation } from '../../base/errors.ts';
import type { Painter } from '../colors.ts';

export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string | undefined;
  readonly at?: SourceLocation | undefined;
}

/**
 * A problem in the form that HCL's diagnostics have (hcl.NewDiagnosticTextWriter), which editors and scripts read:
 * `Error: …`, then `on FILE line N:` with that line, then what to do.
 */
export function problemText({ severity, message, hint, at }: Problem, paint: Painter): string {
  const label = severity === 'error' ? paint('red', 'Error:') : paint('yellow', 'Warning:');
  const lines = [`${label} ${message}`];
  if (at) lines.push('', `  on ${at.file} line ${at.line}, column ${at.column}:`, ...excerpt(at, paint));
  if (hint) lines.push('', hint);
  return `${lines.join('\n')}\n`;
}

/** The line of the file, with a mark under the column. */
function excerpt({ file, line, column }: SourceLocation, paint: Painter): string[] {
  let text: string | undefined;
  try {
    text = readFileSync(resolve(file), 'utf8').split(/\r?\n/)[line - 1];
  } catch {
    // Not every place is in a file: variables come from the command line too.
    return [];
  }
  if (text === undefined || text.trim() === '' || text.length > 200) return [];
  const shown = text.replaceAll('\t', ' ').replace(/[\x00-\x1f\x7f]/g, '?');
  const margin = `${String(line).padStart(4)}: `;
  return [`${margin}${shown}`, `${' '.repeat(margin.length + column - 1)}${paint('red', '^')}`];
}
