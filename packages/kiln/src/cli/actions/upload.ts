import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { openMachineGuest } from '../../machines/open-guest.ts';
import type { CommandInput } from '../command.ts';
import type { uploadOptions } from '../commands/upload.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { homeOf, targetMachine } from './machine-targets.ts';
import { requireRunning } from './run-ssh.ts';
import { withMachines } from './with-machines.ts';

export async function run(
  { options, args }: CommandInput<typeof uploadOptions>,
  context: CliContext,
): Promise<number> {
  const [source = '', destination = './'] = args;
  const path = resolve(context.cwd, source);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) {
    throw new KilnError('file-missing', `there is no ${source} to upload`, {
      hint: 'see if the path is right',
    });
  }
  const record = await targetMachine(options.machine, options.file, context);
  await requireRunning(homeOf(context), record);
  return withMachines(context, async (services) => {
    const guest = await openMachineGuest(services, record);
    const { signal } = services;
    try {
      if (found.isDirectory()) {
        await guest.uploadTree(source.endsWith('/') ? `${path}/` : path, destination, { signal });
      } else {
        const to = destination.endsWith('/') ? `${destination}${basename(path)}` : destination;
        await guest.upload({ from: { kind: 'file', path }, to, signal });
      }
    } finally {
      await guest.close();
    }
    return exitCodes.ok;
  });
}
