import { deleteMachineSnapshot } from '../../../../machines/snapshots/save-snapshot.ts';
import { onTargets } from '../../machine-work.ts';
import { neededRecord, selectTargets } from '../../targets.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import { checkSnapshot } from './check-snapshot.ts';

export const deleteCommand = defineVagrantCommand({
  operands: '[options] [vm-name] <name>',
  flags: {},
  arguments: { min: 1, max: 2 },
  run: async ({ args }, session) => {
    const name = args.at(-1)!;
    const targets = await selectTargets(session, args.slice(0, -1));
    for (const target of targets) await checkSnapshot(session, neededRecord(target), name);
    await onTargets(
      session,
      targets,
      { action: 'snapshot_delete', parallel: false },
      async (services, { record, ui }) => {
        await deleteMachineSnapshot(services, record!, name);
        ui.success(`Snapshot deleted: ${name}`);
      },
    );
    return 0;
  },
});
