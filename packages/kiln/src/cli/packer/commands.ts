import type { PackerCommands } from './command.ts';

/** Packer's commands by name, in the order of overviews. Each is loaded when it is asked for. */
export const packerCommands: PackerCommands = {
  build: {
    summary: 'build the images of a template',
    load: async () => (await import('./build.ts')).buildCommand,
  },
  console: {
    summary: 'try out expressions of a template',
    load: async () => (await import('./console.ts')).consoleCommand,
  },
  fix: {
    summary: 'bring an old JSON template up to date',
    load: async () => (await import('./fix.ts')).fixCommand,
  },
  fmt: {
    summary: 'bring HCL2 files into their canonical format',
    load: async () => (await import('./fmt.ts')).fmtCommand,
  },
  hcl2_upgrade: {
    summary: 'turn a JSON template into one in HCL2',
    load: async () => (await import('./hcl2-upgrade.ts')).hcl2UpgradeCommand,
  },
  init: {
    summary: 'see whether what a template needs is there',
    load: async () => (await import('./init.ts')).initCommand,
  },
  inspect: {
    summary: 'show what a template consists of',
    load: async () => (await import('./inspect.ts')).inspectCommand,
  },
  plugins: {
    summary: 'look at plugins and what templates require of them',
    load: async () => (await import('./plugins.ts')).pluginsCommand,
  },
  plugin: {
    summary: 'another name of plugins',
    isHidden: true,
    load: async () => (await import('./plugins.ts')).pluginsCommand,
  },
  validate: {
    summary: 'check that a template is right',
    load: async () => (await import('./validate.ts')).validateCommand,
  },
  version: {
    summary: 'show the version',
    load: async () => (await import('./version.ts')).versionCommand,
  },
};
