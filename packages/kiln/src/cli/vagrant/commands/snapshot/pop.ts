import { deleteMachineSnapshot } from '../../../../machines/snapshots/save-snapshot.ts';
import { lastPushed } from '../../../../machines/snapshots/snapshot-list.ts';
import { onTargets } from '../../machine-work.ts';
import { neededRecord, selectTargets, type Target } from '../../targets.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import { provisionMode, startFlags } from '../start-flags.ts';
import { restoreTargets } from './restore-targets.ts';

export const popCommand = defineVagrantCommand({
  operands: '[options] [vm-name]',
  description: 'Goes back to the last snapshot that `vagrant snapshot push` took, and forgets it.',
  flags: {
    ...startFlags,
    delete: { type: 'switch', forms: 'off', description: 'Keep the snapshot.' },
    start: { type: 'switch', forms: 'off', description: 'Leave the machine off.' },
  },
  arguments: { min: 0, max: 1 },
  run: async ({ flags, args }, session) => {
    const targets = await selectTargets(session, args);
    const snapshots: { readonly target: Target; readonly name: string }[] = [];
    for (const target of targets) {
      const { name } = await lastPushed(session.home, neededRecord(target));
      snapshots.push({ target, name });
    }
    const mode = provisionMode(flags, targets);
    await restoreTargets(session, snapshots, { start: flags.start !== false, mode });
    if (flags.delete === false) return 0;
    const there = snapshots.map(({ target }) => target);
    await onTargets(
      session,
      there,
      { action: 'snapshot_delete', parallel: false },
      async (services, target) => {
        const { name } = snapshots.find((one) => one.target === target)!;
        await deleteMachineSnapshot(services, target.record!, name);
      },
    );
    return 0;
  },
});
