import { resolve } from 'node:path';
import { packageMachine } from '../../../machines/boxes/package-machine.ts';
import { onTargets } from '../machine-work.ts';
import { checkForeign, selectTargets, tellMissing } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';

export const packageCommand = defineVagrantCommand({
  operands: '[options] [name|id]',
  description: 'Makes a box of a machine, which is halted for that.',
  flags: {
    base: { type: 'text', value: 'NAME', description: 'Refused: a machine of VirtualBox.' },
    output: { type: 'text', value: 'NAME', description: 'The file to write; package.box when not given.' },
    include: { type: 'list', value: 'FILE,FILE..', description: 'Files to take along.' },
    info: { type: 'text', value: 'FILE', description: 'What the box says about itself (JSON).' },
    vagrantfile: { type: 'text', value: 'FILE', description: 'A Vagrantfile to put into the box.' },
  },
  arguments: { min: 0, max: 1 },
  run: async ({ flags, args }, session) => {
    if (flags.base !== undefined) {
      throw new VagrantError(
        'PackageRequiresVirtualBox',
        '--base takes a machine that VirtualBox has, and Kiln has nothing to do with VirtualBox',
        'let the real vagrant do it; Kiln takes the box that it writes',
      );
    }
    const targets = await selectTargets(session, args, { single: true });
    for (const target of targets) {
      checkForeign(target);
      if (target.record === undefined) tellMissing(target, 'package');
    }
    const there = targets.filter(({ record }) => record !== undefined);
    await onTargets(session, there, { action: 'package', parallel: false }, async (services, target) => {
      const path = (given: string) => resolve(session.context.cwd, given);
      const output = flags.output ?? target.config.package.name ?? 'package.box';
      const { size } = await packageMachine(services, target.record!, {
        output: path(output),
        include: (flags.include ?? []).map(path),
        asIs: false,
        ...(flags.info !== undefined && { info: path(flags.info) }),
        ...(flags.vagrantfile !== undefined && { vagrantfile: path(flags.vagrantfile) }),
      });
      target.ui.output(`is packaged as ${output} (${size} bytes)`);
    });
    return 0;
  },
});
