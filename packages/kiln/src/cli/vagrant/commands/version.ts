import { kilnVersion } from '../../../base/version.ts';
import { vagrantVersion } from '../../../dialects/vagrant/settings/tables.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';

export const versionCommand = defineVagrantCommand({
  operands: '',
  flags: {},
  run: async (_input, { ui }) => {
    ui.output(`Installed Version: ${vagrantVersion}`);
    ui.machine('version-installed', vagrantVersion);
    ui.output(`(Kiln ${kilnVersion}, which behaves as that version; nobody is asked for a later one.)`);
    return 0;
  },
});
