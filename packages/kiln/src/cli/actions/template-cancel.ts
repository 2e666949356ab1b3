import type { CommandInput } from '../command.ts';
import type { templateCancelOptions } from '../commands/template.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupts.ts';
import { askServer } from '../server-options.ts';
import { demandRunId } from '../template-place.ts';
import { hasEnded, readRun, watchRun } from '../watched-run.ts';

export async function run(
  { options, args }: CommandInput<typeof templateCancelOptions>,
  context: CliContext,
): Promise<number> {
  const { stderr } = context;
  const id = await demandRunId(args[0]!, options, context);
  const before = await readRun(id, options, context);
  if (hasEnded(before)) {
    stderr.line(`the run ${id} has ended already: ${before.state}`);
    return exitCodes.ok;
  }
  await askServer(context, options, { method: 'POST', path: `/api/v1/runs/${id}/cancel` });
  if (!options.wait) {
    stderr.line(`the run ${id} is being cancelled`);
    return exitCodes.ok;
  }
  const interrupts = watchInterrupts(() => {});
  try {
    const end = await watchRun(id, { server: options, onLog: undefined, signal: interrupts.signal }, context);
    stderr.line(`the run ${id} has ended: ${end?.state}`);
    return exitCodes.ok;
  } finally {
    interrupts.close();
  }
}
