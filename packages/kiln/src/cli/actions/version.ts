import { kilnVersion } from '../../base/version.ts';
import type { CommandInput } from '../command.ts';
import type { versionOptions } from '../commands/version.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export async function run(
  { options }: CommandInput<typeof versionOptions>,
  { stdout }: CliContext,
): Promise<number> {
  const facts = {
    kiln: kilnVersion,
    node: process.version.slice(1),
    platform: `${process.platform}-${process.arch}`,
  };
  if (options.json) stdout.line(JSON.stringify(facts, null, 2));
  else stdout.line(`kiln ${facts.kiln} (Node ${facts.node}, ${facts.platform})`);
  return exitCodes.ok;
}
