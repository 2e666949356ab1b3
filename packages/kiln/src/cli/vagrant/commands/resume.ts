import { checkForeign, selectTargets } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { provisionMode, startFlags } from './start-flags.ts';
import { startTargets } from './up.ts';

export const resumeCommand = defineVagrantCommand({
  operands: '[vm-name]',
  flags: startFlags,
  run: async ({ flags, args }, session) => {
    const all = await selectTargets(session, args);
    const mode =
      flags.provision === undefined && flags['provision-with'] === undefined
        ? ({ kind: 'none' } as const)
        : provisionMode(flags, all);
    for (const target of all) {
      checkForeign(target);
      if (target.record === undefined) target.ui.info('does not exist yet; `vagrant up` makes it');
      else if (target.state.id !== 'saved') target.ui.info(`is not suspended (it is ${target.state.short})`);
    }
    const targets = all.filter(({ state }) => state.id === 'saved');
    await startTargets(session, targets, { action: 'resume', mode, parallel: true, destroyOnError: false });
    return 0;
  },
});
