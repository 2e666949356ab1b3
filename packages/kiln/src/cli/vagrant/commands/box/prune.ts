import { compareVersions, listBoxes, type StoredBox } from '../../../../store/boxes/stored-boxes.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import { tellBox } from './list.ts';
import { removeBoxes } from './remove-boxes.ts';

export const pruneCommand = defineVagrantCommand({
  operands: '[options]',
  description: 'Removes all versions of boxes but the newest.',
  flags: {
    provider: { type: 'text', short: 'p', value: 'PROVIDER', description: 'Only boxes for this provider.' },
    'dry-run': { type: 'switch', short: 'n', description: 'Only say what would be removed.' },
    name: { type: 'text', value: 'NAME', description: 'Only boxes of this name.' },
    force: { type: 'switch', short: 'f', description: 'Do not ask, also where one is in use.' },
    'keep-active-boxes': { type: 'switch', short: 'k', description: 'With --force: keep what is in use.' },
  },
  run: async ({ flags }, session) => {
    const { ui } = session;
    const all = await listBoxes(session.vagrantHome);
    if (all.length === 0) {
      ui.warn('There are no boxes here. `vagrant box add` gets some.');
      return 0;
    }
    const boxes = all.filter(
      ({ name, provider }) =>
        (flags.provider === undefined || provider === flags.provider) &&
        (flags.name === undefined || name === flags.name),
    );
    const kept = boxes.filter((box) => isNewest(box, boxes));
    const width = Math.max(...all.map(({ name }) => name.length));
    ui.info('These boxes are kept:');
    for (const box of kept) tellBox(ui, box, width);
    ui.info('');
    const old = boxes.filter((box) => !kept.includes(box));
    if (old.length === 0) ui.info('There are no older versions to remove.');
    else if (flags['dry-run']) {
      for (const { name, provider, version } of old) ui.info(`Would remove ${name} ${provider} ${version}`);
    } else {
      await removeBoxes(session, old, {
        force: flags.force ?? false,
        keepUsed: flags['keep-active-boxes'] ?? false,
      });
    }
    return 0;
  },
});

function isNewest(box: StoredBox, boxes: readonly StoredBox[]): boolean {
  return boxes.every(
    (other) =>
      other.name !== box.name ||
      other.provider !== box.provider ||
      other.architecture !== box.architecture ||
      compareVersions(other, box) <= 0,
  );
}
