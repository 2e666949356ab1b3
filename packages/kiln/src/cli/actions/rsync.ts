import { attachFolders } from '../../machines/folders/attach-folders.ts';
import { openMachineGuest } from '../../machines/open-guest.ts';
import type { CommandInput } from '../command.ts';
import type { rsyncOptions } from '../commands/rsync.ts';
import type { CliContext } from '../context.ts';
import { runningSpec } from '../folder-machines.ts';
import { loadTemplate } from '../load-template.ts';
import { onEachMachine } from './on-each-machine.ts';

export async function run(
  { options, args }: CommandInput<typeof rsyncOptions>,
  context: CliContext,
): Promise<number> {
  const { plan } = await loadTemplate(options, context);
  const specs = new Map(plan.machines.map((spec) => [spec.name, spec]));
  return onEachMachine(args, options.file, context, 'rsync', async (services, record) => {
    const spec = await runningSpec(services.home, record, specs);
    const guest = await openMachineGuest(services, record);
    try {
      const attached = await attachFolders(services, { record, spec, guest, onlyCopies: true });
      const copies = attached.filter(({ how }) => how === 'copied');
      if (copies.length === 0) return 'has no folders that are copied';
      const words = copies.map(({ folder, sent }) =>
        sent === undefined ? folder.guestPath : `${folder.guestPath} (${sent} sent)`,
      );
      return `is up to date: ${words.join(', ')}`;
    } finally {
      await guest.close();
    }
  });
}
