import { readFileSync } from 'node:fs';
import { type Diagnostic, DiagnosticsError } from '../base/diagnostics.ts';
import { KilnError, messageOf, type SourceLocation } from '../base/errors.ts';
import { TriggerAbort } from '../machines/triggers/trigger-abort.ts';
import type { Painter } from './colors.ts';
import type { CliContext } from './context.ts';
import { EndedByFile } from './ended-by-file.ts';
import { exitCodes } from './exit-codes.ts';

/** Longer lists help nobody; the rest shows up when the first ones are mended. */
const mostDiagnostics = 50;

/** Tells people what went wrong and gives the exit code for it. */
export async function reportError(
  thrown: unknown,
  context: CliContext,
  words: readonly string[],
): Promise<number> {
  const { stderr } = context;
  const { paint } = stderr;
  if (thrown instanceof EndedByFile) {
    for (const { text } of thrown.output) stderr.write(text);
    stderr.write(formatDiagnostics(thrown.diagnostics, paint));
    return thrown.exitCode;
  }
  if (thrown instanceof DiagnosticsError) {
    stderr.write(formatDiagnostics(thrown.diagnostics, paint));
    return exitCodes.failed;
  }
  if (thrown instanceof TriggerAbort) {
    stderr.line(thrown.message);
    return thrown.exitCode;
  }
  if (thrown instanceof KilnError && thrown.code !== 'internal') {
    if (thrown.code === 'cancelled') {
      stderr.line('cancelled');
      return exitCodes.cancelled;
    }
    stderr.write(formatError(thrown, paint));
    return thrown.code === 'bad-usage' ? exitCodes.usage : exitCodes.failed;
  }
  if (thrown instanceof AggregateError && thrown.errors.every((one) => one instanceof KilnError)) {
    const codes: number[] = [];
    for (const one of thrown.errors) codes.push(await reportError(one, context, words));
    return Math.max(exitCodes.failed, ...codes);
  }
  const { writeCrashReport } = await import('./crash-report.ts');
  const path = await writeCrashReport(thrown, words);
  stderr.line(`${paint('red', 'error:')} Kiln itself made a mistake: ${messageOf(thrown)}`);
  stderr.line(`${paint('cyan', 'hint:')} please report it${path ? `; the details are in ${path}` : ''}`);
  return exitCodes.failed;
}

/** `error: message`, the line of the file it is about, and `hint: …`. */
export function formatError(error: KilnError, paint: Painter): string {
  return formatOne('error', error.message, error.hint, error.at, paint);
}

export function formatDiagnostics(diagnostics: readonly Diagnostic[], paint: Painter): string {
  const shown = diagnostics.slice(0, mostDiagnostics);
  const texts = shown.map((one) => formatOne(one.severity, one.message, one.hint, one.at, paint));
  const errors = diagnostics.filter((one) => one.severity === 'error').length;
  const more = diagnostics.length - shown.length;
  if (more > 0) texts.push(`… and ${more} more\n`);
  if (errors > 1) texts.push(`${errors} errors\n`);
  return texts.join('');
}

function formatOne(
  severity: 'error' | 'warning',
  message: string,
  hint: string | undefined,
  at: SourceLocation | undefined,
  paint: Painter,
): string {
  const label = paint(severity === 'error' ? 'red' : 'yellow', `${severity}:`);
  const place = at ? `${paint('bold', `${at.file}:${at.line}:${at.column}:`)} ` : '';
  const lines = [`${place}${label} ${message}`];
  if (at) lines.push(...excerpt(at, paint));
  if (hint) lines.push(`${at ? '  ' : ''}${paint('cyan', 'hint:')} ${hint}`);
  return `${lines.join('\n')}\n`;
}

/** The line of the file with a mark under the column, when the file can still be read. */
function excerpt({ file, line, column }: SourceLocation, paint: Painter): string[] {
  let text: string | undefined;
  try {
    text = readFileSync(file, 'utf8').split(/\r?\n/)[line - 1];
  } catch {
    return [];
  }
  if (text === undefined || text.trim() === '' || text.length > 200) return [];
  const shown = text.replaceAll('\t', ' ').replace(/[\x00-\x1f\x7f]/g, '?');
  const margin = `  ${String(line).padStart(4)} | `;
  const mark = `${' '.repeat(margin.length - 2)}| ${' '.repeat(column - 1)}`;
  return [paint('dim', margin) + shown, paint('dim', mark) + paint('red', '^')];
}
