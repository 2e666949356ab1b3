import { DiagnosticsError, formatDiagnostic } from '../../base/diagnostics.ts';
import type { ErrorCode } from '../../base/error-codes.ts';
import { type KilnError, KilnError as KilnErrorClass, messageOf } from '../../base/errors.ts';
import { TriggerAbort } from '../../machines/triggers/trigger-abort.ts';
import { EndedByFile } from '../ended-by-file.ts';
import type { Session } from './session.ts';
import { VagrantError } from './vagrant-error.ts';

/** How Vagrant ends after an error that it knows. */
const known = 1;
/** How it ends after its own mistakes. */
const unknown = 255;

/** Tells what went wrong as Vagrant would, and gives the exit code. */
export async function reportVagrantError(thrown: unknown, session: Session): Promise<number> {
  const { ui, context } = session;
  if (thrown instanceof EndedByFile) {
    for (const { stream, text } of thrown.output) context[stream].write(text);
    return thrown.exitCode;
  }
  if (thrown instanceof TriggerAbort) return thrown.exitCode;
  if (thrown instanceof VagrantError) return tell(thrown.className, withHint(thrown), ui);
  if (thrown instanceof DiagnosticsError) {
    return tell(className('template-invalid'), thrown.diagnostics.map(formatDiagnostic).join('\n'), ui);
  }
  if (thrown instanceof KilnErrorClass && thrown.code !== 'internal') {
    if (thrown.code === 'cancelled') {
      ui.info('cancelled');
      return known;
    }
    return tell(className(thrown.code), withHint(thrown), ui);
  }
  if (thrown instanceof AggregateError && thrown.errors.every((one) => one instanceof KilnErrorClass)) {
    const errors = thrown.errors as KilnError[];
    return tell('Vagrant::Errors::BatchMultiError', errors.map(withHint).join('\n'), ui);
  }
  const { writeCrashReport } = await import('../crash-report.ts');
  const path = await writeCrashReport(thrown, ['vagrant', ...session.words]);
  ui.error(`Kiln itself made a mistake: ${messageOf(thrown)}`);
  ui.error(`Please report it${path ? `; the details are in ${path}` : ''}.`);
  return unknown;
}

function tell(name: string, message: string, ui: Session['ui']): number {
  ui.error(message);
  ui.machine('error-exit', name, message);
  return known;
}

function withHint({
  message,
  hint,
}: {
  readonly message: string;
  readonly hint: string | undefined;
}): string {
  return hint === undefined ? message : `${message}\n${hint}`;
}

/** The class by which Vagrant's users know a mistake, where there is one. */
const classes: Partial<Readonly<Record<ErrorCode, string>>> = {
  'bad-usage': 'CLIInvalidUsage',
  'not-found': 'MachineNotFound',
  'already-exists': 'BoxAlreadyExists',
  'template-invalid': 'ConfigInvalid',
  'checksum-mismatch': 'BoxChecksumMismatch',
  'download-failed': 'DownloaderError',
  'guest-unreachable': 'VMBootTimeout',
  'guest-login-refused': 'SSHAuthenticationFailed',
  'guest-disconnected': 'SSHDisconnected',
  'step-failed': 'ProvisionerFailed',
  'tool-missing': 'CommandUnavailable',
  locked: 'MachineActionLockedError',
};

function className(code: ErrorCode): string {
  const name = classes[code];
  return name === undefined ? `Kiln::Errors::${code}` : `Vagrant::Errors::${name}`;
}
