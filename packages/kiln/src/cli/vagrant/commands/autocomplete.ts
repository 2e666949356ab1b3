import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { defineVagrantCommand, type VagrantCommandGroup } from '../vagrant-command.ts';

const begin = '# >>>> vagrant command completion (kiln)';
const end = '# <<<< vagrant command completion (kiln)';

/** `vagrant autocomplete install`: completion of command names, in the shells' own start-up files. */
export const autocompleteGroup: VagrantCommandGroup = {
  exitCode: 0,
  commands: {
    install: {
      summary: 'let shells complete the names of commands',
      load: async () =>
        defineVagrantCommand({
          operands: '[-h]',
          flags: {
            bash: { type: 'switch', short: 'b', description: 'In ~/.bashrc.' },
            zsh: { type: 'switch', short: 'z', description: 'In ~/.zshrc.' },
          },
          run: async ({ flags }, { ui, context }) => {
            const { vagrantCommands } = await import('../vagrant-commands.ts');
            const words = Object.keys(vagrantCommands).sort().join(' ');
            const home = context.env['HOME'] ?? homedir();
            const both = !flags.bash && !flags.zsh;
            const lines = {
              '.bashrc': `complete -W '${words}' vagrant`,
              '.zshrc': `compdef '_arguments "1: :(${words})" "*:: :_files"' vagrant`,
            };
            const wanted = [
              ...(flags.bash || both ? (['.bashrc'] as const) : []),
              ...(flags.zsh || both ? (['.zshrc'] as const) : []),
            ];
            for (const name of wanted) {
              const path = join(home, name);
              const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
              if (text === undefined) ui.info(`There is no ${path}: nothing is written there.`);
              else if (text.includes(begin)) ui.info(`${path} has it already.`);
              else {
                appendFileSync(path, `\n${begin}\n${lines[name]}\n${end}\n`);
                ui.info(`Completion is installed in ${path}; new shells have it.`);
              }
            }
            return 0;
          },
        }),
    },
  },
};
