import { planBoxPrune, removeBoxes } from '../../sources/boxes/remove-boxes.ts';
import type { CommandInput } from '../command.ts';
import type { boxPruneOptions } from '../commands/box.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { asker, reportRemoved } from './box-remove.ts';
import { boxJson, describeBox, withBoxes } from './with-boxes.ts';

export async function run(
  { options }: CommandInput<typeof boxPruneOptions>,
  context: CliContext,
): Promise<number> {
  const { name, provider } = options;
  const only = { ...(name !== undefined && { name }), ...(provider !== undefined && { provider }) };
  return withBoxes(context, async (services) => {
    const { older } = await planBoxPrune(services, only);
    if (options['dry-run']) {
      if (options.json) context.stdout.line(JSON.stringify({ wouldRemove: older.map(boxJson) }, null, 2));
      else for (const box of older) context.stdout.line(`would remove ${describeBox(box)}`);
      return exitCodes.ok;
    }
    if (older.length === 0 && !options.json) context.stderr.line('There is no old version of a box.');
    const keepUsed = options['keep-active-boxes'];
    const removed = await removeBoxes(services, older, {
      force: options.force && !keepUsed,
      ...(!options.force && { confirm: asker(context) }),
    });
    return reportRemoved(removed, options.json, context);
  });
}
