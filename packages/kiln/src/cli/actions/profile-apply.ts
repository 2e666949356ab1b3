import type { CommandInput } from '../command.ts';
import type { profileApplyOptions } from '../commands/profile/apply.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadProfileOf } from '../load-profile.ts';
import { applyToTarget } from '../profile-targets.ts';
import { formatDiagnostics } from '../report-error.ts';
import { withProgress } from '../with-progress.ts';
import { checkTarget } from './profile-check.ts';
import { reportJson, reportText, summaryText } from './profile-report.ts';

export async function run(
  { options, args }: CommandInput<typeof profileApplyOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const { profile, diagnostics } = await loadProfileOf(args[1], options, context);
  stderr.write(formatDiagnostics(diagnostics, stderr.paint));
  if (options.check) return await checkTarget(args[0]!, profile, options, context);
  const isText = options.format !== 'json';
  const result = await withProgress(context, async ({ emit, signal }) =>
    applyToTarget(args[0]!, profile, context, {
      mode: 'apply',
      emit,
      signal,
      onBegin: (resource) => {
        // It takes long, and says nothing of itself before it is over.
        if (resource === undefined)
          emit({ kind: 'message', level: 'info', text: 'installing and removing packages' });
      },
      onReport: (report) => {
        if (isText && (options.verbose || report.outcome !== 'ok')) {
          stdout.write(reportText(report, stdout.paint));
        }
      },
      onOutput: (line) => {
        if (options.verbose) stderr.line(stderr.paint('dim', `  | ${line}`));
      },
    }),
  );
  if (isText) stdout.line(summaryText(result, stdout.paint));
  else stdout.line(JSON.stringify(reportJson(result), null, 2));
  return result.counts.failed + result.counts.skipped > 0 ? exitCodes.failed : exitCodes.ok;
}
