import { packerVersion } from '../../text/packer-version.ts';
import { exitCodes } from '../exit-codes.ts';
import { definePackerCommand } from './command.ts';

export const versionCommand = definePackerCommand({
  operands: '',
  description: 'Shows the version of Packer whose behaviour this is.',
  flags: {},
  arguments: { min: 0, max: Number.POSITIVE_INFINITY },
  run: async (_input, { ui }) => {
    ui.machine('', 'version', packerVersion);
    // Programs look for the row by this name, misspelt as it is.
    ui.machine('', 'version-prelease', '');
    ui.machine('', 'version-commit', '');
    ui.say(`Packer v${packerVersion}`);
    return exitCodes.ok;
  },
});
