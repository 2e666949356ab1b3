import { DiagnosticsError } from '../../base/diagnostics.ts';
import { KilnError, messageOf } from '../../base/errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { PackerContext } from './command.ts';
import { problemText } from './problem-text.ts';

/** Tells what went wrong, on standard output as Packer does, and gives the exit code: Packer knows only 1. */
export async function reportPackerError(
  thrown: unknown,
  context: PackerContext,
  words: readonly string[],
): Promise<number> {
  const { ui, paint, log } = context;
  if (thrown instanceof DiagnosticsError) {
    for (const diagnostic of thrown.diagnostics) ui.error(problemText(diagnostic, paint));
  } else if (thrown instanceof KilnError && thrown.code !== 'internal') {
    const { message, hint, at } = thrown;
    ui.error(problemText({ severity: 'error', message, hint, at }, paint));
  } else {
    const { writeCrashReport } = await import('../crash-report.ts');
    const path = await writeCrashReport(thrown, ['packer', ...words]);
    log.line(`crash: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
    ui.error(
      problemText(
        {
          severity: 'error',
          message: `Kiln itself made a mistake: ${messageOf(thrown)}`,
          hint: `Please report it${path ? `; the details are in ${path}` : ''}.`,
        },
        paint,
      ),
    );
  }
  return exitCodes.failed;
}
