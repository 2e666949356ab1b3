import { followChanges } from '../../../machines/folders/follow-changes.ts';
import { openGuestOf } from '../../../machines/provision/open-guest.ts';
import { withMachineServices } from '../../actions/with-machines.ts';
import { selectTargets } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { vagrantRenderer } from '../vagrant-renderer.ts';

export const rsyncAutoCommand = defineVagrantCommand({
  operands: '[vm-name]',
  description: 'Copies what changes in synced folders of type rsync, until it is ended with Ctrl-C.',
  flags: {
    poll: { type: 'switch', forms: 'both', description: 'No difference: the host tells of changes.' },
    'rsync-chown': {
      type: 'switch',
      forms: 'both',
      description: 'No difference: each folder’s own setting counts.',
    },
  },
  run: async ({ args }, session) => {
    const targets = (await selectTargets(session, args)).filter(({ spec, record, state }) => {
      const isCopied = spec?.folders.some(({ type, rsync }) => type === 'rsync' && rsync.auto) ?? false;
      return isCopied && record !== undefined && state.id === 'running';
    });
    if (targets.length === 0) {
      session.ui.error(
        'There is nothing to watch: no machine that runs has a synced folder of type rsync whose `rsync__auto` is not false.',
      );
      return 1;
    }
    await withMachineServices(
      session.context,
      (services) =>
        Promise.all(
          targets.map(({ record, spec, ui }) =>
            followChanges(services, {
              record: record!,
              spec: { folders: spec!.folders.filter(({ type }) => type === 'rsync') },
              open: openGuestOf(services, record!),
              notify: false,
              onReady: () => ui.output('what changes on the host is copied from now on; Ctrl-C ends it'),
            }),
          ),
        ),
      vagrantRenderer(session.ui),
    );
    return 0;
  },
});
