import { haltMachine } from '../../../machines/stop-machine.ts';
import { withMachineLock } from '../machine-work.ts';
import { checkForeign, selectTargets, tellMissing } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { provisionMode, startFlags } from './start-flags.ts';
import { startTargets } from './up.ts';

export const reloadCommand = defineVagrantCommand({
  operands: '[options] [name|id]',
  description: 'Halts machines and brings them up again, as the Vagrantfile has them now.',
  flags: { ...startFlags, force: { type: 'switch', short: 'f', description: 'Turn them off at once.' } },
  run: async ({ flags, args }, session) => {
    const all = await selectTargets(session, args);
    const mode = provisionMode(flags, all);
    for (const target of all) {
      checkForeign(target);
      if (target.record === undefined) tellMissing(target, 'reload');
    }
    const targets = all.filter(({ record }) => record !== undefined);
    const force = flags.force ?? false;
    await startTargets(session, targets, {
      ...{ action: 'reload', mode, parallel: false, destroyOnError: false },
      before: async (services, target) => {
        await withMachineLock(services, target, async () => {
          await haltMachine(services, target.record!, { force });
        });
      },
    });
    return 0;
  },
});
