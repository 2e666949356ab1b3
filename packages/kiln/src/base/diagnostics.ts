import type { SourceLocation } from './errors.ts';
import { KilnError } from './errors.ts';

/** One thing to say about a user's file. Readers collect these and report all of them at once. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
  readonly at: SourceLocation;
}

/** A user's file was refused: carries every mistake that was found in it. */
export class DiagnosticsError extends KilnError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const errors = diagnostics.filter((one) => one.severity === 'error');
    super('template-invalid', errors.map(formatDiagnostic).join('\n'));
    this.diagnostics = diagnostics;
  }
}

/** `file:line:column: error: message (hint)`, the form that editors make clickable. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { at, severity, message, hint } = diagnostic;
  return `${at.file}:${at.line}:${at.column}: ${severity}: ${message}${hint ? ` (${hint})` : ''}`;
}
