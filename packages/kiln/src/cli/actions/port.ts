import { KilnError } from '../../base/errors.ts';
import { sshForward } from '../../machines/host-ports.ts';
import type { CommandInput } from '../command.ts';
import type { portOptions } from '../commands/port.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';
import { homeOf, targetMachine } from './machine-targets.ts';
import { requireRunning } from './run-ssh.ts';

export async function run(
  { options, args }: CommandInput<typeof portOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout } = context;
  const record = await targetMachine(args[0], options.file, context);
  await requireRunning(homeOf(context), record);
  const all = [sshForward(record), ...record.ports];
  const shown = options.guest === undefined ? all : all.filter(({ guest }) => guest === options.guest);
  if (shown.length === 0) {
    throw new KilnError(
      'not-found',
      `no port of this host leads to port ${options.guest} of ${record.name}`,
      {
        hint: `those of the machine that can be reached are ${all.map(({ guest }) => guest).join(', ')}`,
      },
    );
  }
  if (options.json) {
    const rows = shown.map(({ guest, host, hostAddress, protocol }) => ({
      guest,
      host,
      hostAddress,
      protocol,
    }));
    stdout.line(JSON.stringify(rows, null, 2));
  } else if (options.guest !== undefined) stdout.line(String(shown[0]!.host));
  else {
    const rows = shown.map(({ guest, host, hostAddress, protocol }) => [
      `${guest}/${protocol}`,
      `${hostAddress}:${host}`,
    ]);
    stdout.write(textTable([['MACHINE', 'THIS HOST'], ...rows]));
  }
  return exitCodes.ok;
}
