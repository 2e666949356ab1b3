import { KilnError } from '../../base/errors.ts';
import { planBoxPrune } from '../../sources/boxes/remove-boxes.ts';
import { type BoxUpdate, updateBox, updateStored } from '../../sources/boxes/update-box.ts';
import type { CommandInput } from '../command.ts';
import type { boxUpdateOptions } from '../commands/box.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportError } from '../report-error.ts';
import { noBox } from './box-outdated.ts';
import { boxDownload, describeBox, withBoxes } from './with-boxes.ts';

export async function run(
  { options, args }: CommandInput<typeof boxUpdateOptions>,
  context: CliContext,
): Promise<number> {
  const names = [...args, ...(options.box === undefined ? [] : [options.box])];
  const { provider, architecture } = options;
  const request = {
    download: boxDownload(options),
    force: options.force,
    ...(architecture !== undefined && { architecture }),
  };
  let code: number = exitCodes.ok;
  const updates: BoxUpdate[] = [];
  await withBoxes(context, async (services) => {
    const works =
      names.length > 0
        ? names.map(
            (name) => () =>
              updateBox(services, { ...request, name, ...(provider !== undefined && { provider }) }),
          )
        : (await planBoxPrune(services, provider === undefined ? {} : { provider })).newest
            .filter(({ metadataUrl }) => metadataUrl !== undefined)
            .map((box) => () => updateStored(services, box, request));
    // One that cannot be updated keeps none of the others.
    for (const [index, work] of works.entries()) {
      try {
        updates.push(settled(await work(), names[index] ?? ''));
      } catch (error) {
        code = await reportError(error, context, []);
      }
    }
  });
  if (options.json) context.stdout.line(JSON.stringify(updates, null, 2));
  else for (const update of updates) context.stdout.line(inWords(update));
  return code;
}

function settled(update: BoxUpdate, name: string): BoxUpdate {
  switch (update.kind) {
    case 'no-box':
      throw noBox(name);
    case 'no-provider':
    case 'several-providers':
      throw new KilnError(
        update.kind === 'no-provider' ? 'not-found' : 'bad-usage',
        `the box ${name} is here for ${update.choices.join(', ')}`,
        { hint: 'say which with --provider' },
      );
    default:
      return update;
  }
}

function inWords(update: BoxUpdate): string {
  switch (update.kind) {
    case 'updated':
      return `${describeBox(update.to)} is here; ${update.from.version} is, too`;
    case 'current':
      return `${describeBox(update.box)} is the newest`;
    case 'no-catalogue':
      return `${describeBox(update.box)} came without a catalogue, and cannot be updated`;
    default:
      return update.kind;
  }
}
