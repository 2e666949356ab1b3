import { defineOptions } from './command.ts';

/** Options of every command that reads a template. */
export const templateOptions = defineOptions({
  var: {
    type: 'list',
    value: 'NAME=VALUE',
    description: 'Set a variable of the template. Stronger than every other way. May be given several times.',
  },
  'var-file': {
    type: 'list',
    value: 'FILE',
    complete: 'file',
    description:
      'Take variables from a file with "name: value" in JSON or YAML, or from a .pkrvars file. Later files are stronger.',
  },
});

/** Options that choose among the builds of a template. */
export const selectionOptions = defineOptions({
  only: {
    type: 'list',
    value: 'NAMES',
    commas: true,
    description: 'Only these builds, by name or with * for any letters, separated by commas.',
  },
  except: {
    type: 'list',
    value: 'NAMES',
    commas: true,
    description: 'All builds but these.',
  },
});

/** Options for Azure image templates. */
export const azureOptions = defineOptions({
  'source-image': {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    description:
      'For an Azure image template: start from this disk file, image of the store, or release such as debian/12, whatever the template says.',
  },
});

export const templateArgument = {
  name: 'FILE',
  description:
    'The template: a kiln.yaml, a Packer template in JSON or HCL2, an Azure image template, or a folder. Without it, what this folder has.',
  complete: 'file',
} as const;
