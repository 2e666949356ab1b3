import type { CommandInput } from '../command.ts';
import type { packerOptions } from '../commands/packer.ts';
import type { CliContext } from '../context.ts';
import { runPacker } from '../packer/run-packer.ts';

export async function run(
  { args }: CommandInput<typeof packerOptions>,
  context: CliContext,
): Promise<number> {
  return runPacker(args, context);
}
