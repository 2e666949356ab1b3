import { saveMachineSnapshot } from '../../../../machines/snapshots/save-snapshot.ts';
import { pushName } from '../../../../machines/snapshots/snapshot-list.ts';
import { onTargets } from '../../machine-work.ts';
import { neededRecord, selectTargets } from '../../targets.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';

export const pushCommand = defineVagrantCommand({
  operands: '[options] [vm-name]',
  description: 'Takes a snapshot that `vagrant snapshot pop` goes back to.',
  flags: {},
  arguments: { min: 0, max: 1 },
  run: async ({ args }, session) => {
    const targets = await selectTargets(session, args);
    for (const target of targets) neededRecord(target);
    const name = pushName();
    await onTargets(
      session,
      targets,
      { action: 'snapshot_save', parallel: false },
      async (services, { record, ui }) => {
        await saveMachineSnapshot(services, record!, name);
        ui.success(`Snapshot saved: ${name}`);
      },
    );
    return 0;
  },
});
