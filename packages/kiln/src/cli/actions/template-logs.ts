import type { CommandInput } from '../command.ts';
import type { templateLogsOptions } from '../commands/template.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupts.ts';
import { demandRunId } from '../template-place.ts';
import { passOn, watchRun } from '../watched-run.ts';

export async function run(
  { options, args }: CommandInput<typeof templateLogsOptions>,
  context: CliContext,
): Promise<number> {
  const id = await demandRunId(args[0]!, options, context);
  const onLog = (text: string) => context.stdout.write(text);
  if (!options.follow) {
    await passOn(id, 0, onLog, options, context);
    return exitCodes.ok;
  }
  const interrupts = watchInterrupts(() => {});
  try {
    await watchRun(id, { server: options, onLog, signal: interrupts.signal }, context);
    return exitCodes.ok;
  } finally {
    interrupts.close();
  }
}
