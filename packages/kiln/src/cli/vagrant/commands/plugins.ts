import { knownPlugins } from '../../../dialects/vagrant/settings/plugin-settings.ts';
import { defineVagrantCommand, type VagrantCommandGroup } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';
import type { VagrantUi } from '../vagrant-ui.ts';

const builtIn = knownPlugins.filter((plugin) => plugin.builtIn);
const localFlag = {
  local: { type: 'switch', description: 'For this project alone; no difference here.' },
} as const;
const installFlags = {
  'entry-point': { type: 'text', value: 'NAME', description: 'No effect.', hidden: true },
  'plugin-clean-sources': { type: 'switch', description: 'No effect.', hidden: true },
  'plugin-source': { type: 'text', value: 'URL', description: 'No effect.', hidden: true },
  'plugin-version': {
    type: 'text',
    value: 'VERSION',
    description: 'No effect: there is one version of each.',
  },
  verbose: { type: 'switch', description: 'No effect.', hidden: true },
} as const;

/** `vagrant plugin`: the work of some is built in; nothing can be installed. */
export const pluginGroup: VagrantCommandGroup = {
  exitCode: 0,
  commands: {
    expunge: {
      summary: 'remove all plugins',
      load: async () =>
        defineVagrantCommand({
          operands: '[options]',
          flags: {
            ...localFlag,
            force: { type: 'switch', description: 'Do not ask.' },
            'local-only': { type: 'switch', description: 'No difference here.' },
            'global-only': { type: 'switch', description: 'No difference here.' },
            reinstall: { type: 'switch', description: 'No difference here.' },
          },
          run: async (_input, { ui }) => {
            ui.info('There are no installed plugins to remove: what Kiln does of them is a part of it.');
            return 0;
          },
        }),
    },
    install: {
      summary: 'see whether the work of a plugin is built in',
      load: async () =>
        defineVagrantCommand({
          operands: '<name>... [-h]',
          flags: { ...localFlag, ...installFlags },
          run: async ({ args, flags, help }, session) => {
            const names =
              args.length === 0 && flags.local ? Object.keys((await session.project()).config.plugins) : args;
            if (names.length === 0 && !flags.local) {
              throw new VagrantError('CLIInvalidUsage', `say which plugin\n\n${help}`);
            }
            for (const name of names) install(name, session.ui);
            return 0;
          },
        }),
    },
    license: {
      summary: 'refused',
      load: async () =>
        defineVagrantCommand({
          operands: '<name> <license-file>',
          flags: {},
          run: async () => {
            throw new VagrantError('Kiln::Errors::NoPlugins', 'Kiln has no plugins that need a licence');
          },
        }),
    },
    list: {
      summary: 'show whose work is built in',
      load: async () =>
        defineVagrantCommand({
          operands: '[options]',
          flags: localFlag,
          run: async (_input, { ui }) => {
            for (const { name, version } of builtIn.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
              ui.info(`${name} (${version}, system)`);
              ui.machine('plugin-name', name);
              ui.of(name).machine('plugin-version', `${version}, system`);
            }
            return 0;
          },
        }),
    },
    repair: nothingToDo('repair plugins', 'There is nothing to repair.'),
    uninstall: {
      summary: 'remove a plugin',
      load: async () =>
        defineVagrantCommand({
          operands: '<name> [<name2> <name3> ...] [-h]',
          flags: localFlag,
          arguments: { min: 1, max: Number.POSITIVE_INFINITY },
          run: async ({ args }, { ui }) => {
            for (const name of args) {
              if (!builtIn.some((plugin) => plugin.name === name)) throw notInstalled(name);
              ui.info(
                `The work of ${name} is a part of Kiln: it cannot be removed, and has no effect unless a Vagrantfile asks for it.`,
              );
            }
            return 0;
          },
        }),
    },
    update: {
      summary: 'bring plugins up to date',
      load: async () =>
        defineVagrantCommand({
          operands: '[names...] [-h]',
          flags: localFlag,
          run: async ({ args }, { ui }) => {
            const unknown = args.find((name) => !builtIn.some((plugin) => plugin.name === name));
            if (unknown !== undefined) throw notInstalled(unknown);
            ui.info('What Kiln does of plugins is brought up to date with Kiln itself.');
            return 0;
          },
        }),
    },
  },
};

function nothingToDo(summary: string, text: string): VagrantCommandGroup['commands'][string] {
  return {
    summary,
    load: async () =>
      defineVagrantCommand({
        operands: '[options]',
        flags: localFlag,
        run: async (_input, { ui }) => {
          ui.info(text);
          return 0;
        },
      }),
  };
}

function install(name: string, ui: VagrantUi): void {
  const plugin = builtIn.find((one) => one.name === name);
  if (plugin === undefined) {
    throw new VagrantError(
      'PluginInstallNotFound',
      `Kiln runs no plugins, and does nothing of the work of ${name}`,
      'docs/vagrantfiles.md lists those whose work it does',
    );
  }
  ui.info(`The work of '${name}' is built in (${plugin.version}): ${plugin.outcome}.`);
}

function notInstalled(name: string): VagrantError {
  return new VagrantError(
    'PluginNotInstalled',
    `there is no plugin ${name}`,
    '`vagrant plugin list` shows all',
  );
}
