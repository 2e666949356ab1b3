import { neededRecord, selectTargets } from '../../targets.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import { provisionMode, startFlags } from '../start-flags.ts';
import { checkSnapshot } from './check-snapshot.ts';
import { restoreTargets } from './restore-targets.ts';

export const restoreCommand = defineVagrantCommand({
  operands: '[options] [vm-name] <name>',
  description: 'Takes a machine back to a snapshot, all without a name: what they did since is lost.',
  flags: { ...startFlags, start: { type: 'switch', forms: 'off', description: 'Leave the machine off.' } },
  arguments: { min: 1, max: 2 },
  run: async ({ flags, args }, session) => {
    const name = args.at(-1)!;
    const targets = await selectTargets(session, args.slice(0, -1));
    for (const target of targets) await checkSnapshot(session, neededRecord(target), name);
    const snapshots = targets.map((target) => ({ target, name }));
    await restoreTargets(session, snapshots, {
      start: flags.start !== false,
      mode: provisionMode(flags, targets),
    });
    return 0;
  },
});
