import type { CommandInput } from '../command.ts';
import type { tokenCreateOptions } from '../commands/token.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withService } from '../token-door.ts';

export async function run(
  { options, args }: CommandInput<typeof tokenCreateOptions>,
  context: CliContext,
): Promise<number> {
  const { days, action, scope, principal } = options;
  const made = (await withService(options, context, (ask) =>
    ask('POST', '/api/v1/tokens', {
      name: args[0],
      ...(days !== undefined && { days }),
      ...(action.length > 0 && { actions: action }),
      ...(scope !== undefined && { scope }),
      ...(principal !== undefined && { principalId: principal }),
    }),
  )) as { readonly id: string; readonly token: string; readonly expiresAt: string | Date };
  if (options.json) {
    context.stdout.line(JSON.stringify(made, null, 2));
    return exitCodes.ok;
  }
  context.stdout.line(made.token);
  const end = new Date(made.expiresAt).toISOString().slice(0, 10);
  context.stderr.line(
    `This is the only time that it is shown. It is good until ${end}; its id is ${made.id}.`,
  );
  return exitCodes.ok;
}
