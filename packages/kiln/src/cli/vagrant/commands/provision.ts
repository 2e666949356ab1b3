import { provisionAfterUp } from '../../../machines/provision/provision-after-up.ts';
import { onTargets } from '../machine-work.ts';
import { noteProvisioned } from '../state/sync-state.ts';
import { checkConfiguration, checkForeign, selectTargets, tellMissing } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';
import { provisionMode, startFlags } from './start-flags.ts';

export const provisionCommand = defineVagrantCommand({
  operands: '[vm-name] [--provision-with x,y,z]',
  flags: { 'provision-with': startFlags['provision-with'] },
  run: async ({ flags, args }, session) => {
    const all = await selectTargets(session, args);
    const mode = provisionMode({ provision: true, 'provision-with': flags['provision-with'] }, all);
    for (const target of all) {
      checkForeign(target);
      if (target.record === undefined) tellMissing(target, 'provision');
    }
    const targets = all.filter(({ record }) => record !== undefined);
    await onTargets(
      session,
      targets,
      { action: 'provision', parallel: false, locks: false },
      async (services, target) => {
        checkConfiguration(target);
        if (target.state.id !== 'running') {
          throw new VagrantError(
            'VMNotRunningError',
            `the machine ${target.name} does not run`,
            '`vagrant up` starts it',
          );
        }
        const { config } = target.project;
        const outcome = await provisionAfterUp(services, target.record!, target.spec!, {
          mode,
          folder: config.folder,
          secrets: config.sensitive,
        });
        if (outcome.isProvisioned) await noteProvisioned(config.dotfiles, target.record!);
      },
    );
    return 0;
  },
});
