import { syncTargets } from '../sync-targets.ts';
import { selectTargets } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';

const nameWidth = 25;

export const statusCommand = defineVagrantCommand({
  operands: '[name|id]',
  flags: {},
  run: async ({ args }, session) => {
    const targets = await selectTargets(session, args);
    const width = Math.max(nameWidth, ...targets.map(({ name }) => name.length));
    for (const { ui, provider, state } of targets) {
      ui.machine('provider-name', provider);
      ui.machine('state', state.id);
      ui.machine('state-human-short', state.short);
      ui.machine('state-human-long', state.long);
    }
    const rows = targets.map(
      ({ name, state, provider }) => `${name.padEnd(width)} ${state.short} (${provider})`,
    );
    const [only] = targets;
    const note =
      targets.length === 1
        ? only!.state.long
        : 'The project has several machines, shown above with their states. `vagrant status NAME`\ntells more of one.';
    session.ui.info(['Current machine states:', '', ...rows, '', note].join('\n'));
    await syncTargets(targets);
    return 0;
  },
});
