import { attachFolders } from '../../../machines/folders/attach-folders.ts';
import { openGuestOf } from '../../../machines/provision/open-guest.ts';
import { withMachineServices } from '../../actions/with-machines.ts';
import { checkForeign, selectTargets } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { vagrantRenderer } from '../vagrant-renderer.ts';

export const rsyncCommand = defineVagrantCommand({
  operands: '[vm-name]',
  description: 'Copies the synced folders of type rsync into the machines.',
  flags: {
    'rsync-chown': {
      type: 'switch',
      forms: 'both',
      description: 'Give the files to the folder’s owner; a folder’s own setting counts when left out.',
    },
  },
  run: async ({ flags, args }, session) => {
    const targets = await selectTargets(session, args);
    let code = 0;
    await withMachineServices(
      session.context,
      async (services) => {
        for (const target of targets) {
          checkForeign(target);
          const { record, spec, ui, state } = target;
          if (record === undefined || spec === undefined || state.id !== 'running') {
            ui.error(`does not run (it is ${state.short}): nothing can be copied there`);
            code = 1;
            continue;
          }
          const guest = await openGuestOf(services, record)();
          try {
            const chown = flags['rsync-chown'];
            const folders = spec.folders.map((folder) => ({
              ...folder,
              rsync: { ...folder.rsync, ...(chown !== undefined && { chown }) },
            }));
            const attached = await attachFolders(services, {
              record,
              spec: { folders },
              guest,
              onlyCopies: true,
            });
            for (const { folder, how } of attached) {
              if (how === 'copied') ui.output(`${folder.hostPath} is at ${folder.guestPath}`);
            }
          } finally {
            await guest.close();
          }
        }
      },
      vagrantRenderer(session.ui),
    );
    return code;
  },
});
