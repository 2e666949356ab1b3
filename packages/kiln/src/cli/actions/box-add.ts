import { KilnError } from '../../base/errors.ts';
import { fitsAlgorithm } from '../../plan/checksum.ts';
import { addBox } from '../../sources/boxes/add-box.ts';
import { usableProviders } from '../../sources/boxes/choose-from-catalogue.ts';
import type { CommandInput } from '../command.ts';
import type { boxAddOptions } from '../commands/box.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { boxDownload, boxJson, describeBox, withBoxes } from './with-boxes.ts';

export async function run(
  { options, args }: CommandInput<typeof boxAddOptions>,
  context: CliContext,
): Promise<number> {
  const { name, provider, checksum } = options;
  const version = options['box-version'];
  const box = await withBoxes(context, (services) =>
    addBox(services, {
      sources: [args[0]!],
      folder: context.cwd,
      providers: provider === undefined ? [] : [provider],
      // All of them end in the same machines: the one is taken that needs no conversion.
      pick: async (names) => usableProviders.find((one) => names.includes(one)),
      architecture: options.architecture ?? 'auto',
      download: boxDownload(options),
      force: options.force,
      clean: options.clean,
      ...(name !== undefined && { name }),
      ...(version !== undefined && { version }),
      ...(checksum !== undefined && { checksum: readChecksum(checksum, options['checksum-type']) }),
    }),
  );
  if (options.json) context.stdout.line(JSON.stringify(boxJson(box), null, 2));
  else context.stdout.line(describeBox(box));
  return exitCodes.ok;
}

function readChecksum(text: string, type: string | undefined) {
  const hex = text.trim().toLowerCase();
  if (type === undefined) {
    throw new KilnError('bad-usage', 'kiln box add: --checksum needs its kind', {
      hint: 'add --checksum-type sha256',
    });
  }
  if (!fitsAlgorithm(type, hex))
    throw new KilnError('bad-usage', `kiln box add: "${text}" is no ${type} checksum`);
  return { kind: 'digest', algorithm: type, hex } as const;
}
