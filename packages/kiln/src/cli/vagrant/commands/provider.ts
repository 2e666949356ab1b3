import { selectOne } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';

export const providerCommand = defineVagrantCommand({
  operands: '[options] [args]',
  description: 'Says what the machine is made with.',
  flags: {
    install: { type: 'switch', description: 'Refused: Kiln brings what it needs.' },
    usable: { type: 'switch', description: 'Fail when the provider cannot be used here.' },
  },
  run: async ({ flags, args }, session) => {
    const { provider, ui } = await selectOne(session, args);
    ui.machine('provider-name', provider);
    if (flags.install) {
      throw new VagrantError(
        'ProviderCantInstall',
        `there is nothing to install for the provider ${provider}`,
      );
    }
    session.ui.output(provider);
    return 0;
  },
});
