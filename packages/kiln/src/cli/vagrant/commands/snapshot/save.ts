import { saveMachineSnapshot } from '../../../../machines/snapshots/save-snapshot.ts';
import { listSnapshots } from '../../../../machines/snapshots/snapshot-list.ts';
import { onTargets } from '../../machine-work.ts';
import { checkForeign, selectTargets } from '../../targets.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import { VagrantError } from '../../vagrant-error.ts';

export const saveCommand = defineVagrantCommand({
  operands: '[options] [vm-name] <name>',
  description: 'Takes a snapshot of a machine, of all without a name, to go back to later.',
  flags: { force: { type: 'switch', short: 'f', description: 'Replace a snapshot of that name.' } },
  arguments: { min: 1, max: 2 },
  run: async ({ flags, args }, session) => {
    const name = args.at(-1)!;
    const targets = await selectTargets(session, args.slice(0, -1));
    const there = targets.filter((target) => {
      checkForeign(target);
      if (target.record !== undefined) return true;
      session.ui.warn(
        `The machine '${target.name}' does not exist yet: there is nothing to take a snapshot of.`,
      );
      return false;
    });
    await onTargets(
      session,
      there,
      { action: 'snapshot_save', parallel: false },
      async (services, { record, ui }) => {
        const isTaken = (await listSnapshots(services.home, record!.id)).some((one) => one.name === name);
        if (isTaken && !flags.force) {
          throw new VagrantError(
            'SnapshotConflictFailed',
            `there is a snapshot ${name} already`,
            'replace it with --force',
          );
        }
        await saveMachineSnapshot(services, record!, name, { replace: flags.force ?? false });
        ui.success(`Snapshot saved: ${name}`);
      },
    );
    return 0;
  },
});
