import { formatDuration } from '../../base/durations.ts';
import { KilnError } from '../../base/errors.ts';
import { machineState } from '../../machines/machine-record.ts';
import { openGuestOf } from '../../machines/provision/open-guest.ts';
import { provisionMachine } from '../../machines/provision/provision-machine.ts';
import { checkProvisionNames, provisionModeOf } from '../../machines/provision/provision-mode.ts';
import type { CommandInput } from '../command.ts';
import type { provisionOptions } from '../commands/provision.ts';
import type { CliContext } from '../context.ts';
import { loadTemplate } from '../load-template.ts';
import { onEachMachine } from './on-each-machine.ts';

export async function run(
  { options, args }: CommandInput<typeof provisionOptions>,
  context: CliContext,
): Promise<number> {
  const { plan } = await loadTemplate(options, context);
  const specs = new Map(plan.machines.map((spec) => [spec.name, spec]));
  const named = args.length === 0 ? plan.machines : args.flatMap((name) => specs.get(name) ?? []);
  const mode = provisionModeOf({ provision: true, provisionWith: options['provision-with'] });
  checkProvisionNames(mode, named);
  return onEachMachine(args, options.file, context, 'provision', async (services, record) => {
    const spec = specs.get(record.name);
    if (!spec) {
      throw new KilnError('not-found', `${plan.origin.file} has no machine "${record.name}"`, {
        hint: 'only machines of a file have provisioners',
      });
    }
    const state = await machineState(services.home, record.id);
    if (state !== 'running') {
      throw new KilnError('guest-unreachable', `${record.name} is ${state}: nothing can be done in it`, {
        hint: `bring it up with \`kiln up ${record.name} --provision\``,
      });
    }
    const started = performance.now();
    const { ran } = await provisionMachine(services, {
      record,
      spec,
      mode,
      openGuest: openGuestOf(services, record),
      folder: plan.origin.folder,
      secrets: plan.secrets,
    });
    if (ran.length === 0) return 'has nothing to be done';
    const what = ran.length === 1 ? 'one provisioner' : `${ran.length} provisioners`;
    return `is provisioned: ${what} in ${formatDuration(Math.round(performance.now() - started))}`;
  });
}
