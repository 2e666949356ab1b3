import { suspendMachine } from '../../../machines/suspend-machine.ts';
import { onTargets } from '../machine-work.ts';
import type { Session } from '../session.ts';
import { kilnProvider } from '../state/machine-folders.ts';
import { checkForeign, selectTargets, type Target } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';

export const suspendCommand = defineVagrantCommand({
  operands: '[options] [name|id]',
  flags: {
    'all-global': { type: 'switch', short: 'a', description: 'All machines that run, of every project.' },
  },
  run: async ({ flags, args }, session) => {
    if (flags['all-global'] && args.length > 0) {
      throw new VagrantError('CommandSuspendAllArgs', 'with --all-global no machines are named');
    }
    const targets = flags['all-global'] ? await everywhere(session) : await selectTargets(session, args);
    await onTargets(session, targets, { action: 'suspend', parallel: false }, async (services, target) => {
      checkForeign(target);
      if (target.record === undefined) target.ui.info('does not exist yet; `vagrant up` makes it');
      else if (target.state.id !== 'running') target.ui.info(`does not run (it is ${target.state.short})`);
      else await suspendMachine(services, target.record);
    });
    return 0;
  },
});

/** Kiln's machines of the index; those of the real Vagrant are its own. */
async function everywhere(session: Session): Promise<readonly Target[]> {
  const ids = Object.entries(session.index).flatMap(([id, { provider }]) =>
    provider === kilnProvider ? [id] : [],
  );
  return ids.length === 0 ? [] : selectTargets(session, ids);
}
