import { KilnError } from '../../base/errors.ts';
import { followChanges } from '../../machines/folders/follow-changes.ts';
import { machineState } from '../../machines/machine-record.ts';
import { openMachineGuest } from '../../machines/open-guest.ts';
import type { CommandInput } from '../command.ts';
import type { rsyncAutoOptions } from '../commands/rsync-auto.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { runningSpec } from '../folder-machines.ts';
import { loadTemplate } from '../load-template.ts';
import { targetMachines } from './machine-targets.ts';
import { withMachines } from './with-machines.ts';

export async function run(
  { options, args }: CommandInput<typeof rsyncAutoOptions>,
  context: CliContext,
): Promise<number> {
  const { plan } = await loadTemplate(options, context);
  const specs = new Map(plan.machines.map((spec) => [spec.name, spec]));
  const records = await targetMachines(args, options.file, context);
  return withMachines(context, async (services) => {
    const watched: { record: (typeof records)[number]; spec: (typeof plan.machines)[number] }[] = [];
    for (const record of records) {
      // Of all machines those that run; of those that were named every one.
      const isMeant = args.length > 0 || (await machineState(services.home, record.id)) === 'running';
      if (!isMeant) continue;
      const spec = await runningSpec(services.home, record, specs);
      if (spec.folders.some(({ rsync }) => rsync.auto)) watched.push({ record, spec });
    }
    if (watched.length === 0) {
      throw new KilnError('not-found', 'no machine that runs here has folders to watch', {
        hint: 'give machines `folders:`, and bring them up with `kiln up`',
      });
    }
    try {
      await Promise.all(
        watched.map(({ record, spec }) =>
          followChanges(services, {
            record,
            spec,
            notify: options.notify,
            open: (signal) => openMachineGuest(services, record, { signal }),
            onReady: () => context.stderr.line(`${record.name}: watching its folders; Ctrl-C ends it`),
          }),
        ),
      );
    } catch (error) {
      if (!services.signal.aborted) throw error;
    }
    return exitCodes.ok;
  });
}
