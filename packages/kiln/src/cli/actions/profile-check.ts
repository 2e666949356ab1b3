import type { Profile } from '../../plan/profile.ts';
import type { CommandInput } from '../command.ts';
import type { profileCheckOptions } from '../commands/profile/check.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadProfileOf } from '../load-profile.ts';
import { applyToTarget } from '../profile-targets.ts';
import { formatDiagnostics } from '../report-error.ts';
import { withProgress } from '../with-progress.ts';
import { differs } from './comparison.ts';
import { contentText } from './content-text.ts';
import { reportJson, reportText, summaryText } from './profile-report.ts';

export async function run(
  { options, args }: CommandInput<typeof profileCheckOptions>,
  context: CliContext,
): Promise<number> {
  const { profile, diagnostics } = await loadProfileOf(args[1], options, context);
  context.stderr.write(formatDiagnostics(diagnostics, context.stderr.paint));
  return await checkTarget(args[0]!, profile, options, context);
}

/** Looks at a target and prints what is not as it should be. Gives the exit code. */
export async function checkTarget(
  word: string,
  profile: Profile,
  options: { readonly verbose: boolean; readonly format: 'text' | 'json' | undefined },
  context: CliContext,
): Promise<number> {
  const { stdout } = context;
  const result = await withProgress(context, async ({ emit, signal }) =>
    applyToTarget(word, profile, context, { mode: 'check', emit, signal, onReport: () => {} }),
  );
  if (options.format === 'json') stdout.line(JSON.stringify(reportJson(result), null, 2));
  else {
    for (const report of result.reports) {
      if (!options.verbose && report.outcome === 'ok') continue;
      stdout.write(reportText(report, stdout.paint));
      const text = await contentText(report, profile);
      if (text !== undefined) stdout.write(text.replace(/^(?=.)/gm, '      '));
    }
    stdout.line(summaryText(result, stdout.paint));
  }
  const { counts } = result;
  if (counts.failed + counts.skipped > 0) return exitCodes.failed;
  return counts['would-change'] > 0 ? differs : exitCodes.ok;
}
