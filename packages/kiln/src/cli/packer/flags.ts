import { defineFlags, type GoFlags } from './go-flags.ts';
import type { ConfigType } from './template-file.ts';

/** Flags that every command which reads a template has. */
export const templateFlags = defineFlags({
  only: {
    type: 'names',
    value: 'foo,bar,baz',
    description: 'Only these builds: their names in JSON, patterns of them in HCL2.',
  },
  except: {
    type: 'names',
    value: 'foo,bar,baz',
    description: 'All builds and post-processors but these.',
  },
  var: { type: 'pairs', value: 'key=value', description: 'Set a variable. May be given several times.' },
  'var-file': {
    type: 'texts',
    value: 'path',
    description: 'Take variables from a file, JSON or HCL2. May be given several times.',
  },
  'config-type': {
    type: 'choice',
    choices: ['', 'json', 'hcl2'],
    default: '',
    description: 'Read the template as JSON or as HCL2, whatever its name is.',
    hidden: true,
  },
});

/** Flags that plugins and other versions of Packer have a use for. */
export const pluginFlags = defineFlags({
  'ignore-prerelease-plugins': {
    type: 'boolean',
    default: false,
    description: 'No effect: Kiln runs no plugins.',
    hidden: true,
  },
  'skip-enforcement': {
    type: 'boolean',
    default: false,
    description: 'No effect: Kiln has no such service to ask.',
    hidden: true,
  },
});

export const sequentialFlag = defineFlags({
  'use-sequential-evaluation': {
    type: 'boolean',
    default: false,
    description: 'No effect: data and locals are always worked out one by one, each after what it refers to.',
    hidden: true,
  },
});

export function configTypeOf(flags: { readonly 'config-type': '' | 'json' | 'hcl2' }): ConfigType {
  return flags['config-type'] === '' ? undefined : flags['config-type'];
}

/** The same flags for a command that takes them as Packer does and has no use for them: its help does not show them. */
export function withoutEffect<F extends GoFlags>(flags: F): F {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, { ...flag, hidden: true }]),
  ) as F;
}
