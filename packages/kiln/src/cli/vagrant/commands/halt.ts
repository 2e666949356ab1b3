import { haltMachine } from '../../../machines/stop-machine.ts';
import { onTargets } from '../machine-work.ts';
import { checkForeign, selectTargets } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';

const outcomes = {
  halted: 'is off',
  forced: 'was turned off',
  forgotten: 'is off; it was suspended, and its memory is gone',
  'was-off': 'is off already',
} as const;

export const haltCommand = defineVagrantCommand({
  operands: '[options] [name|id]',
  flags: { force: { type: 'switch', short: 'f', description: 'Turn it off at once.' } },
  run: async ({ flags, args }, session) => {
    const targets = await selectTargets(session, args, { reverse: true });
    await onTargets(session, targets, { action: 'halt', parallel: false }, async (services, target) => {
      checkForeign(target);
      if (target.record === undefined) target.ui.info('does not exist yet; `vagrant up` makes it');
      else
        target.ui.output(
          outcomes[await haltMachine(services, target.record, { force: flags.force ?? false })],
        );
    });
    return 0;
  },
});
