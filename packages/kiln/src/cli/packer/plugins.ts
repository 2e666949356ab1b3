import { exitCodes } from '../exit-codes.ts';
import { definePackerCommand, type PackerCommandGroup } from './command.ts';
import { configTypeOf, templateFlags, withoutEffect } from './flags.ts';
import { defineFlags } from './go-flags.ts';
import { openHclTemplate } from './load-packer-template.ts';
import { installedPlugins, matchingPlugins, pluginFolder } from './plugin-folder.ts';
import { problemText } from './problem-text.ts';
import { findTemplateFile } from './template-file.ts';

const installed = definePackerCommand({
  operands: '',
  description: 'Shows the plugins of Packer that are installed on this host, one path a line.',
  flags: {},
  arguments: { min: 0, max: 0 },
  run: async (_input, { ui, env }) => {
    for (const { path } of await installedPlugins(pluginFolder(env))) ui.say(path);
    return exitCodes.ok;
  },
});

const requiredFlags = defineFlags({ ...templateFlags });

const required = definePackerCommand({
  operands: 'TEMPLATE',
  description:
    'Shows the plugins that a template in HCL2 asks for, one a line: its name there, its source, the versions\nthat will do, and those of them that are installed.',
  flags: requiredFlags,
  arguments: { min: 1, max: 1 },
  run: async ({ flags, args }, context) => {
    const { ui, env, cwd } = context;
    const template = findTemplateFile(args[0]!, configTypeOf(flags), cwd);
    if (template.language === 'json') {
      ui.error(problemText(jsonHasNoPlugins(template.file), context.paint));
      return exitCodes.failed;
    }
    const project = await openHclTemplate(
      template.path,
      { variables: flags.var, variableFiles: flags['var-file'], warnUndeclared: false, fetchData: false },
      context,
    );
    const plugins = project.requiredPlugins;
    const all = plugins.length > 0 ? await installedPlugins(pluginFolder(env)) : [];
    for (const { name, source, version } of plugins) {
      const constraint = version
        .split(',')
        .map((part) => part.trim())
        .join(',');
      const paths = matchingPlugins(all, source, version).map(({ path }) => path);
      ui.say([name, source, `"${constraint}"`, ...paths].join(' '));
    }
    return exitCodes.ok;
  },
});

const installFlags = defineFlags({
  path: {
    type: 'text',
    value: 'path',
    description: 'A program on this host to install, instead of a download.',
  },
  force: { type: 'boolean', default: false, description: 'Install what is installed already.' },
  ...withoutEffect(templateFlags),
});

const install = definePackerCommand({
  operands: 'SOURCE [VERSION]',
  description:
    'Kiln installs no plugins: it has the components it runs built in, and cannot run others.\nThis command says which it has.',
  flags: installFlags,
  arguments: { min: 1, max: 2 },
  run: async ({ args }, { ui, paint }) => {
    const { builtInOf } = await import('../../dialects/packer/known-plugins.ts');
    const source = args[0]!;
    const builtIn = builtInOf(source);
    if (builtIn.length > 0) {
      ui.say(`Kiln has ${builtIn.join(', ')} of ${source} built in: there is nothing to install.`);
      return exitCodes.ok;
    }
    ui.error(
      problemText(
        {
          severity: 'error',
          message: `Kiln does not run plugins, so ${source} was not installed`,
          hint: 'Build what needs it with Packer, or replace it with a component that Kiln has: see `packer init`.',
        },
        paint,
      ),
    );
    return exitCodes.failed;
  },
});

const remove = definePackerCommand({
  operands: 'SOURCE or PATH [VERSION]',
  description:
    'Kiln uses no plugins and leaves those of Packer alone. This command says which files are to be deleted\nto remove one.',
  flags: {},
  arguments: { min: 1, max: 2 },
  run: async ({ args }, { ui, env, paint }) => {
    const [what = '', version] = args;
    const all = await installedPlugins(pluginFolder(env));
    const found = all.filter(
      ({ path, source, version: its }) =>
        path === what || (source === what && (version === undefined || version.replace(/^v/, '') === its)),
    );
    const hint =
      found.length === 0
        ? 'There is no such plugin here; `packer plugins installed` shows those that are.'
        : `Delete these files to remove it:\n${found.map(({ path }) => `  ${path}\n  ${path}_SHA256SUM`).join('\n')}`;
    const message = 'Kiln does not manage plugins, and removes none of them';
    ui.error(problemText({ severity: 'error', message, hint }, paint));
    return exitCodes.failed;
  },
});

export function jsonHasNoPlugins(file: string): Parameters<typeof problemText>[0] {
  return {
    severity: 'error',
    message: `${file} is a template in JSON, which cannot say what plugins it needs`,
    hint: 'Only templates in HCL2 can; `packer hcl2_upgrade` makes one of a template in JSON.',
  };
}

export const pluginsCommand: PackerCommandGroup = {
  description: 'Looks at the plugins of Packer. Kiln has what it runs built in, and does not run plugins.',
  commands: {
    install: { summary: 'say what of a plugin Kiln has built in', load: async () => install },
    installed: { summary: 'show the plugins that are installed', load: async () => installed },
    remove: { summary: 'say what to delete to remove a plugin', load: async () => remove },
    required: { summary: 'show the plugins that a template asks for', load: async () => required },
  },
};
