import { checkConfiguration, selectTargets } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';

export const validateCommand = defineVagrantCommand({
  operands: '[options]',
  flags: {
    'ignore-provider': {
      type: 'switch',
      short: 'p',
      description: 'Do not look at what only providers know.',
    },
  },
  run: async ({ flags }, session) => {
    for (const target of await selectTargets(session, [])) {
      const errors = flags['ignore-provider']
        ? target.errors.filter(({ message }) => !/the provider /.test(message))
        : target.errors;
      checkConfiguration({ ...target, errors, isForeign: false });
      for (const { at, message } of target.warnings) target.ui.warn(`${at.file}:${at.line}: ${message}`);
    }
    session.ui.info('The Vagrantfile is valid.');
    return 0;
  },
});
