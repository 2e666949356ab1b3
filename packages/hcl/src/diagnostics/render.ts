import type { Diagnostic } from './diagnostic.ts';
import { wrap } from './display.ts';
import { snippet } from './snippet.ts';
import { rootTextOf } from './source.ts';

export interface RenderOptions {
  /** With escape sequences for colours. */
  readonly color?: boolean;
  /** Columns of the terminal, to wrap sentences; otherwise they stay on one line. */
  readonly width?: number;
  /** The text of a file, for diagnostics whose ranges do not know it. */
  readonly textOf?: (file: string) => string | undefined;
  /** What is around a place, such as `source "qemu" "base"`. */
  readonly surroundings?: (text: string, diagnostic: Diagnostic) => string | undefined;
}

/**
 * Diagnostics for people: what is wrong, where, the lines with the place underlined, what the variables in it stand
 * for, and what to do. Ends with a line end; an empty list gives an empty text.
 */
export function renderWith(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  return diagnostics.map((diagnostic) => `${renderOne(diagnostic, options).join('\n')}\n`).join('\n');
}

function renderOne(diagnostic: Diagnostic, options: RenderOptions): string[] {
  const { subject, severity, summary, detail, values = [] } = diagnostic;
  const color = (code: string) => (text: string) =>
    options.color && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text;
  const severityColor = color(severity === 'error' ? '1;31' : '1;33');
  const bold = color('1');
  const dim = color('2');
  const text = rootTextOf(subject) ?? options.textOf?.(subject.file);
  const around = text === undefined ? undefined : options.surroundings?.(text, diagnostic);
  const place = `on ${subject.file} line ${subject.start.line}${around === undefined ? '' : `, in ${around}`}`;
  const indent = '  ';
  const code = text === undefined ? [] : snippet(text, diagnostic, { frame: dim, mark: severityColor });
  const notes = values.map(({ name, value }) => `${name} is ${value}`);
  const sentences =
    options.width === undefined ? detail.split('\n') : wrap(detail, Math.max(20, options.width - 2));
  return [
    `${severityColor(severity === 'error' ? 'Error:' : 'Warning:')} ${bold(summary)}`,
    '',
    `${indent}${place}${code.length > 0 ? ':' : ''}`,
    ...code.map((line) => indent + line),
    ...(notes.length > 0 ? ['', ...notes.map((note) => indent + dim(note))] : []),
    ...(detail === '' ? [] : ['', ...sentences.map((sentence) => (indent + sentence).trimEnd())]),
  ];
}
