import { KilnError } from '../../base/errors.ts';
import { membersOf, packBox } from '../../store/boxes/pack-box.ts';
import { findBox } from '../../store/boxes/stored-boxes.ts';
import { Run } from '../../store/run.ts';
import { progressReporter } from '../progress.ts';
import type { BoxServices } from './box-services.ts';

/**
 * Packs a box that is here to a file again.
 * @throws KilnError `not-found`, `already-exists` when the file is there, `disk-full`, `cancelled`
 */
export async function repackageBox(
  services: BoxServices,
  wish: { readonly name: string; readonly provider: string; readonly version: string },
  output: string,
): Promise<void> {
  const { name, provider, version } = wish;
  const box = await findBox(services.boxes, { name, providers: [provider], version: `= ${version}` });
  if (!box) {
    throw new KilnError('not-found', `there is no box ${name} ${version} for ${provider}`, {
      hint: 'see `kiln box list`',
    });
  }
  const run = await Run.open(services.home);
  try {
    const members = (await membersOf(box.folder)).filter((member) => member.name !== 'box_update_check');
    await packBox(output, members, {
      run,
      signal: services.signal,
      onProgress: progressReporter(services, `packing ${name}`),
    });
  } finally {
    await run.close();
  }
}
