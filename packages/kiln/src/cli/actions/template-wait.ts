import type { CommandInput } from '../command.ts';
import type { templateWaitOptions } from '../commands/template.ts';
import type { CliContext } from '../context.ts';
import { settleRun } from '../settle-run.ts';
import { demandRunId } from '../template-place.ts';

export async function run(
  { options, args }: CommandInput<typeof templateWaitOptions>,
  context: CliContext,
): Promise<number> {
  return settleRun(await demandRunId(args[0]!, options, context), options, context);
}
