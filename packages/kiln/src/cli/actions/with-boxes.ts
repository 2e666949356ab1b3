import { kilnHome } from '../../base/home.ts';
import type { BoxDownload } from '../../plan/image-ref.ts';
import { type BoxServices, boxServices } from '../../sources/boxes/box-services.ts';
import type { StoredBox } from '../../store/boxes/stored-boxes.ts';
import { reapDeadRuns } from '../../store/run.ts';
import type { OptionValues } from '../command.ts';
import type { boxDownloadOptions } from '../commands/box-options.ts';
import type { CliContext } from '../context.ts';
import { withProgress } from '../with-progress.ts';

/** Work on boxes, with progress in front of it, after what killed commands have left was cleaned up. */
export async function withBoxes<T>(
  context: CliContext,
  work: (services: BoxServices) => Promise<T>,
): Promise<T> {
  const home = kilnHome(context.env);
  await reapDeadRuns(home);
  return withProgress(context, ({ emit, signal }) =>
    work(boxServices({ home, env: context.env, emit, signal })),
  );
}

/** For what only looks. */
export function quietBoxServices({ env }: CliContext): BoxServices {
  return boxServices({ home: kilnHome(env), env, emit: () => {}, signal: new AbortController().signal });
}

export function boxDownload(options: OptionValues<typeof boxDownloadOptions>): BoxDownload {
  return {
    ...(options.insecure && { insecure: true }),
    ...(options.cacert !== undefined && { caFile: options.cacert }),
    ...(options.capath !== undefined && { caFolder: options.capath }),
    ...(options.cert !== undefined && { clientCertificate: options.cert }),
    ...(options['location-trusted'] && { trustLocation: true }),
  };
}

/** `debian/bookworm64 12.1 for libvirt`, with the architecture where it is known. */
export function describeBox({
  name,
  version,
  provider,
  architecture,
}: Omit<StoredBox, 'folder' | 'inArchitectureFolder'>): string {
  return `${name} ${version} for ${provider}${architecture === undefined ? '' : ` (${architecture})`}`;
}

/** A box as `--json` shows it. */
export function boxJson({ inArchitectureFolder: _layout, ...box }: StoredBox): object {
  return box;
}
