import type { CommandInput } from '../command.ts';
import type { tokenRevokeOptions } from '../commands/token.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withService } from '../token-door.ts';

export async function run(
  { options, args }: CommandInput<typeof tokenRevokeOptions>,
  context: CliContext,
): Promise<number> {
  const id = args[0] ?? '';
  await withService(options, context, (ask) => ask('DELETE', `/api/v1/tokens/${encodeURIComponent(id)}`));
  context.stderr.line(`The token ${id} is good for nothing any more.`);
  return exitCodes.ok;
}
