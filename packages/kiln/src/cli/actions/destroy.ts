import { createInterface } from 'node:readline/promises';
import { KilnError } from '../../base/errors.ts';
import type { MachineRecord } from '../../machines/machine-record.ts';
import type { MachineServices } from '../../machines/machine-services.ts';
import { forgetDestroyed } from '../../machines/settle-surroundings.ts';
import { destroyMachine } from '../../machines/stop-machine.ts';
import type { CommandInput } from '../command.ts';
import type { destroyOptions } from '../commands/destroy.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { targetMachines } from './machine-targets.ts';
import { onEachMachine } from './on-each-machine.ts';

export async function run(
  { options, args }: CommandInput<typeof destroyOptions>,
  context: CliContext,
): Promise<number> {
  if (!options.yes && !options.force) {
    const records = await targetMachines(args, options.file, context);
    const names = records.map((record) => record.name).join(', ');
    if (
      records.length > 0 &&
      !(await confirmed(
        `Remove ${names} and everything on ${records.length > 1 ? 'their disks' : 'its disk'}?`,
      ))
    ) {
      context.stderr.line('Nothing was removed.');
      return exitCodes.failed;
    }
  }
  const remove = async (services: MachineServices, record: MachineRecord) => {
    await destroyMachine(services, record);
    return 'is removed';
  };
  return onEachMachine(args, options.file, context, 'destroy', remove, forgetDestroyed);
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new KilnError('bad-usage', 'nobody is there to ask before machines are removed', {
      hint: 'give --yes',
    });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}
