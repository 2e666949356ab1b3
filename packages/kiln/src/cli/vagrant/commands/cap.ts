import { selectTargets } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';

/** What Vagrant calls capabilities of its providers, and Kiln has, too. */
const ofProviders: ReadonlySet<string> = new Set(['forwarded_ports', 'snapshot_list']);

export const capCommand = defineVagrantCommand({
  operands: '[options] TYPE NAME [args]',
  description: 'Says whether there is a capability of a `provider`; Kiln has none of `host` and `guest`.',
  flags: {
    check: { type: 'switch', description: 'Only say by the exit code whether there is such a one.' },
    'target-guest': {
      type: 'text',
      short: 't',
      value: 'TARGET',
      description: 'The machine that it is about.',
    },
  },
  arguments: { min: 2, max: Number.POSITIVE_INFINITY },
  run: async ({ flags, args, help }, session) => {
    const [type = '', name = ''] = args;
    if (!['host', 'guest', 'provider'].includes(type)) {
      throw new VagrantError('CLIInvalidUsage', `there are no capabilities of ${type}\n\n${help}`);
    }
    if (type !== 'host') {
      await selectTargets(session, flags['target-guest'] === undefined ? [] : [flags['target-guest']]);
    }
    const isThere = type === 'provider' && ofProviders.has(name);
    if (flags.check) return isThere ? 0 : 1;
    if (isThere) return 0;
    throw new VagrantError('CapabilityNotFound', `there is no capability ${name} of the ${type}`);
  },
});
