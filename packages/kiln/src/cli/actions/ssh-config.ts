import { homedir } from 'node:os';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { listRecords, machineFiles } from '../../machines/machine-record.ts';
import { sshConfig } from '../../machines/ssh-arguments.ts';
import { installInclude, namesForSsh, removeInclude } from '../../machines/ssh-include.ts';
import type { CommandInput } from '../command.ts';
import type { sshConfigOptions } from '../commands/ssh-config.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { homeOf, targetMachine } from './machine-targets.ts';

export async function run(
  { options, args }: CommandInput<typeof sshConfigOptions>,
  context: CliContext,
): Promise<number> {
  if (options.install || options.uninstall) {
    if (args[0] !== undefined || options.host !== undefined || (options.install && options.uninstall))
      throw new KilnError('bad-usage', 'kiln ssh-config: --install and --uninstall are for all machines');
    await (options.install ? install(context) : uninstall(context));
    return exitCodes.ok;
  }
  const record = await targetMachine(args[0], options.file, context);
  context.stdout.write(sshConfig(record, machineFiles(homeOf(context), record.id), options.host));
  return exitCodes.ok;
}

function userConfig({ env }: CliContext): string {
  return join(env['HOME'] || homedir(), '.ssh', 'config');
}

async function install(context: CliContext): Promise<void> {
  const home = homeOf(context);
  const config = userConfig(context);
  const isNew = await installInclude(home, config);
  context.stderr.line(isNew ? `${config} now includes Kiln's machines` : `${config} includes them already`);
  for (const name of namesForSsh(await listRecords(home)).keys()) context.stdout.line(`ssh ${name}`);
}

async function uninstall(context: CliContext): Promise<void> {
  const config = userConfig(context);
  const was = await removeInclude(homeOf(context), config);
  context.stderr.line(
    was ? `${config} does not include Kiln's machines any more` : `${config} does not include them`,
  );
}
