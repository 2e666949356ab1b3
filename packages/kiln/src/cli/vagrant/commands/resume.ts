import { checkForeign, selectTargets, tellMissing } from '../targets.ts';
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
      if (target.record === undefined) tellMissing(target, 'resume');
      else if (target.state.id !== 'saved') target.ui.info(`is not suspended (it is ${target.state.short})`);
    }
    const targets = all.filter(({ state }) => state.id === 'saved');
    await startTargets(session, targets, { action: 'resume', mode, parallel: false, destroyOnError: false });
    return 0;
  },
});
