import { resolve } from 'node:path';
import { withLock } from '../../base/locks.ts';
import { formatSize } from '../../base/sizes.ts';
import { packageMachine } from '../../machines/boxes/package-machine.ts';
import { machineLock } from '../../machines/find-machine.ts';
import type { CommandInput } from '../command.ts';
import type { packageOptions } from '../commands/package.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { targetMachine } from './machine-targets.ts';
import { withMachines } from './with-machines.ts';

export async function run(
  { options, args }: CommandInput<typeof packageOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr, cwd } = context;
  const record = await targetMachine(args[0], options.file, context);
  const output = options.output ?? 'package.box';
  const { info, vagrantfile } = options;
  const packaged = await withMachines(context, (services) => {
    const lock = machineLock(services.home, record.project, record.name);
    const waiting = { what: `the machine ${record.name}`, wait: 120_000, signal: services.signal };
    return withLock(lock, waiting, () =>
      packageMachine(services, record, {
        output: resolve(cwd, output),
        include: options.include.map((path) => resolve(cwd, path)),
        asIs: options['as-is'],
        ...(info !== undefined && { info: resolve(cwd, info) }),
        ...(vagrantfile !== undefined && { vagrantfile: resolve(cwd, vagrantfile) }),
      }),
    );
  });
  if (options.json) stdout.line(JSON.stringify(packaged, null, 2));
  else stdout.line(`${output} is a box of ${record.name}, ${formatSize(packaged.size)}`);
  if (packaged.wasHalted) stderr.line(`${record.name} is off now; \`kiln up\` starts it again`);
  return exitCodes.ok;
}
