import { listed } from '../help.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';

export const listCommandsCommand = defineVagrantCommand({
  operands: '',
  flags: {},
  run: async (_input, { ui }) => {
    const { vagrantCommands } = await import('../vagrant-commands.ts');
    for (const name of Object.keys(vagrantCommands).sort()) ui.machine('cli-command', name);
    const rows = Object.entries(vagrantCommands).map(([name, { summary }]) => [name, summary] as const);
    ui.info(['', ...listed(rows, '')].join('\n'));
    return 0;
  },
});
