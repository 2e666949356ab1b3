import { listSnapshots } from '../../../../machines/snapshots/snapshot-list.ts';
import { checkForeign, selectTargets } from '../../targets.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';

export const listCommand = defineVagrantCommand({
  operands: '[options] [vm-name]',
  flags: {},
  run: async ({ args }, session) => {
    for (const target of await selectTargets(session, args)) {
      checkForeign(target);
      const { record, ui } = target;
      if (record === undefined) {
        ui.info('does not exist yet: it has no snapshots');
        continue;
      }
      const snapshots = await listSnapshots(session.home, record.id);
      if (snapshots.length === 0) {
        ui.output('has no snapshots');
        continue;
      }
      ui.output('');
      for (const { name } of snapshots) ui.plain.detail(name);
    }
    return 0;
  },
});
