import type { CommandInput } from '../command.ts';
import type { tokenListOptions } from '../commands/token.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';
import { withService } from '../token-door.ts';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly actions?: readonly string[];
  readonly scope?: string;
  readonly expiresAt: string | Date;
  readonly lastUsedAt?: string | Date;
  readonly expired: boolean;
}

export async function run(
  { options }: CommandInput<typeof tokenListOptions>,
  context: CliContext,
): Promise<number> {
  const query =
    options.principal === undefined ? '' : `?principalId=${encodeURIComponent(options.principal)}`;
  const { value } = (await withService(options, context, (ask) => ask('GET', `/api/v1/tokens${query}`))) as {
    readonly value: readonly Listed[];
  };
  if (options.json) {
    context.stdout.line(JSON.stringify(value, null, 2));
    return exitCodes.ok;
  }
  if (value.length === 0) context.stderr.line('There are no tokens.');
  else context.stdout.write(textTable(value.map(rowOf)));
  return exitCodes.ok;
}

function rowOf({ id, name, actions, scope, expiresAt, lastUsedAt, expired }: Listed): string[] {
  const day = (at: string | Date) => new Date(at).toISOString().slice(0, 10);
  return [
    id,
    name,
    expired ? `expired ${day(expiresAt)}` : `until ${day(expiresAt)}`,
    lastUsedAt === undefined ? 'never used' : `used ${day(lastUsedAt)}`,
    actions?.join(',') ?? 'all of its owner',
    scope ?? '/',
  ];
}
