import { KilnError } from '../../base/errors.ts';
import { mirrorBoxes } from '../../sources/boxes/mirror-boxes.ts';
import type { CommandInput } from '../command.ts';
import type { boxMirrorOptions } from '../commands/box-mirror.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { boxDownload, withBoxes } from './with-boxes.ts';

export async function run(
  { options, args }: CommandInput<typeof boxMirrorOptions>,
  context: CliContext,
): Promise<number> {
  const { to, url, version, architecture } = options;
  if (to === undefined) {
    throw new KilnError('bad-usage', 'kiln box mirror: --to is missing', {
      hint: 'say which folder becomes the registry',
    });
  }
  const mirrored = await withBoxes(context, (services) =>
    mirrorBoxes(services, {
      sources: args,
      to,
      providers: options.provider,
      download: boxDownload(options),
      folder: context.cwd,
      ...(url !== undefined && { baseUrl: url }),
      ...(version !== undefined && { version }),
      ...(architecture !== undefined && { architecture }),
    }),
  );
  if (options.json) context.stdout.line(JSON.stringify(mirrored, null, 2));
  else {
    const copied = mirrored.filter(({ wasThere }) => !wasThere).length;
    context.stdout.line(`${to} has ${mirrored.length} of these boxes, ${copied} of them new`);
    context.stderr.line(
      `Use it with VAGRANT_SERVER_URL=${url ?? `file://${to.startsWith('/') ? to : `$PWD/${to}`}`}`,
    );
  }
  return exitCodes.ok;
}
