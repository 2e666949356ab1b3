import type { BoxDownload } from '../../../../plan/image-ref.ts';
import type { BoxServices } from '../../../../sources/boxes/box-services.ts';
import { stateOfBox } from '../../../../sources/boxes/outdated.ts';
import { findBox, listBoxes, type StoredBox } from '../../../../store/boxes/stored-boxes.ts';
import type { Session } from '../../session.ts';
import { selectTargets } from '../../targets.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import type { VagrantUi } from '../../vagrant-ui.ts';
import { boxDownload, downloadFlags } from './download-flags.ts';
import { withBoxes } from './with-boxes.ts';

export const outdatedCommand = defineVagrantCommand({
  operands: '[options]',
  description: 'Says whether there are newer versions of the boxes of this project, or of all boxes.',
  flags: {
    global: { type: 'switch', description: 'All boxes that are here.' },
    force: {
      type: 'switch',
      short: 'f',
      description: 'No difference: the catalogues are asked in any case.',
    },
    ...downloadFlags,
  },
  run: async ({ flags, args }, session) => {
    const download = boxDownload(flags, session.context.cwd);
    await withBoxes(session, async (services) => {
      if (!flags.global) return ofProject(services, args, download, session);
      for (const box of (await listBoxes(session.vagrantHome)).toReversed()) {
        await tellState(services, box, download, session.ui);
      }
    });
    return 0;
  },
});

async function ofProject(
  services: BoxServices,
  args: readonly string[],
  download: BoxDownload,
  session: Session,
): Promise<void> {
  for (const { spec, ui } of await selectTargets(session, args)) {
    if (spec?.image.kind !== 'box') {
      ui.output('is not made of a box');
      continue;
    }
    const { image } = spec;
    const box = await findBox(session.vagrantHome, image);
    if (box === undefined) ui.output(`the box '${image.name}' is not here yet`);
    else await tellState(services, box, { ...image.download, ...download }, ui, image.version, image.server);
  }
}

async function tellState(
  services: BoxServices,
  box: StoredBox,
  download: BoxDownload,
  ui: VagrantUi,
  version?: string,
  server?: string,
): Promise<void> {
  const state = await stateOfBox(services, box, {
    download,
    ...(version !== undefined && { version }),
    ...(server !== undefined && { server }),
  });
  const label = `'${box.name}' for '${box.provider}'`;
  switch (state.kind) {
    case 'current':
      ui.success(`${label} (v${box.version}) is up to date`);
      return;
    case 'outdated':
      ui.warn(`${label} is outdated! Current: ${box.version}. Latest: ${state.latest}`);
      return;
    case 'no-catalogue':
      ui.output(`${label} came without a catalogue: nobody knows of newer versions`);
      return;
    case 'unknown':
      ui.error(`${label}: ${state.problem.message}`);
  }
}
