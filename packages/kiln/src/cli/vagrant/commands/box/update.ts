import type { BoxDownload } from '../../../../plan/image-ref.ts';
import { addBox } from '../../../../sources/boxes/add-box.ts';
import type { BoxServices } from '../../../../sources/boxes/box-services.ts';
import { stateOfBox } from '../../../../sources/boxes/outdated.ts';
import { compareVersions, findBox, listBoxes, type StoredBox } from '../../../../store/boxes/stored-boxes.ts';
import type { Session } from '../../session.ts';
import { selectTargets } from '../../targets.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import { VagrantError } from '../../vagrant-error.ts';
import type { VagrantUi } from '../../vagrant-ui.ts';
import { boxDownload, downloadFlags } from './download-flags.ts';
import { withBoxes } from './with-boxes.ts';

export const updateCommand = defineVagrantCommand({
  operands: '[options]',
  description:
    'Gets newer versions of the boxes of this project, or of one box. Machines that are there do not change: they are made of the new version when they are destroyed and brought up again.',
  flags: {
    box: { type: 'text', value: 'BOX', description: 'This box, whether the project has it or not.' },
    architecture: { type: 'text', value: 'ARCH', description: 'Of this architecture.' },
    provider: { type: 'text', value: 'PROVIDER', description: 'For this provider.' },
    force: { type: 'switch', short: 'f', description: 'Replace what is here.' },
    ...downloadFlags,
  },
  run: async ({ flags, args }, session) => {
    const download = boxDownload(flags, session.context.cwd);
    const force = flags.force ?? false;
    await withBoxes(session, async (services) => {
      if (flags.box !== undefined) {
        const box = await oneBox(session, flags.box, flags.provider, flags.architecture);
        return update(services, box, { download, force, folder: session.context.cwd }, session.ui);
      }
      const seen = new Set<string>();
      for (const { spec, ui } of await selectTargets(session, args, { provider: flags.provider })) {
        if (spec?.image.kind !== 'box') {
          ui.output('is not made of a box');
          continue;
        }
        const { image } = spec;
        const box = await findBox(session.vagrantHome, image);
        if (box === undefined) ui.output(`the box '${image.name}' is not here yet; \`vagrant up\` gets it`);
        else if (!seen.has(box.folder)) {
          seen.add(box.folder);
          const options = {
            download: { ...image.download, ...download },
            force,
            folder: session.context.cwd,
          };
          await update(services, box, { ...options, version: image.version, server: image.server }, ui);
        }
      }
    });
    return 0;
  },
});

interface UpdateOptions {
  readonly download: BoxDownload;
  readonly force: boolean;
  readonly folder: string;
  readonly version?: string | undefined;
  readonly server?: string | undefined;
}

async function update(
  services: BoxServices,
  box: StoredBox,
  options: UpdateOptions,
  ui: VagrantUi,
): Promise<void> {
  const { download, version, server, force, folder } = options;
  const asked = {
    download,
    ...(version !== undefined && { version }),
    ...(server !== undefined && { server }),
  };
  const label = `'${box.name}' (v${box.version}) for '${box.provider}'`;
  const state = await stateOfBox(services, box, asked);
  if (state.kind === 'no-catalogue') {
    throw new VagrantError(
      'BoxUpdateNoMetadata',
      `${label} came without a catalogue: nobody knows of newer versions`,
    );
  }
  if (state.kind === 'unknown') throw state.problem;
  if (state.kind === 'current') {
    ui.success(`${label} is the newest version`);
    return;
  }
  if (state.isHere && !force) {
    ui.success(`version ${state.latest} of '${box.name}' is here already`);
    return;
  }
  ui.info(
    `Updating '${box.name}' with provider '${box.provider}' from version '${box.version}' to '${state.latest}'...`,
  );
  const added = await addBox(services, {
    ...asked,
    sources: [box.metadataUrl!],
    name: box.name,
    providers: [box.provider],
    version: `= ${state.latest}`,
    ...(box.architecture !== undefined && { architecture: box.architecture }),
    ...(force && { force: true }),
    folder,
  });
  ui.success(`Updated: '${added.name}' (v${added.version}) for '${added.provider}'`);
}

/** The newest box of a name. @throws VagrantError when it is not clear which is meant */
async function oneBox(
  session: Session,
  name: string,
  provider: string | undefined,
  architecture: string | undefined,
): Promise<StoredBox> {
  const boxes = (await listBoxes(session.vagrantHome)).filter((box) => box.name === name);
  if (boxes.length === 0) throw new VagrantError('BoxNotFound', `there is no box ${name} here`);
  const providers = [...new Set(boxes.map((box) => box.provider))].sort();
  if (provider === undefined && providers.length > 1) {
    throw new VagrantError(
      'BoxUpdateMultiProvider',
      `there are boxes ${name} for ${providers.join(', ')}`,
      'say which with --provider',
    );
  }
  const fitting = boxes.filter(
    (box) =>
      (provider === undefined || box.provider === provider) &&
      (architecture === undefined || box.architecture === architecture),
  );
  const [newest] = fitting.toSorted((a, b) => compareVersions(b, a));
  if (newest === undefined) {
    throw new VagrantError(
      'BoxNotFoundWithProvider',
      `there is no box ${name} for ${provider ?? architecture}`,
      `there is one for ${providers.join(', ')}`,
    );
  }
  return newest;
}
