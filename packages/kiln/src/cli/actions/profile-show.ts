import type { CommandInput } from '../command.ts';
import type { profileShowOptions } from '../commands/profile/show.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadProfileOf } from '../load-profile.ts';
import { formatDiagnostics } from '../report-error.ts';

export async function run(
  { options, args }: CommandInput<typeof profileShowOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const { profile, diagnostics } = await loadProfileOf(args[0], options, context);
  stderr.write(formatDiagnostics(diagnostics, stderr.paint));
  stdout.line(JSON.stringify(profile, null, 2));
  return exitCodes.ok;
}
