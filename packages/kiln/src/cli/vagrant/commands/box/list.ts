import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../../../base/errors.ts';
import { listBoxes, type StoredBox } from '../../../../store/boxes/stored-boxes.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import type { VagrantUi } from '../../vagrant-ui.ts';

export const listCommand = defineVagrantCommand({
  operands: '[options]',
  flags: { 'box-info': { type: 'switch', short: 'i', description: 'With what boxes say about themselves.' } },
  run: async ({ flags }, { vagrantHome, ui }) => {
    const boxes = await listBoxes(vagrantHome);
    if (boxes.length === 0) {
      ui.warn('There are no boxes here. `vagrant box add` gets some.');
      return 0;
    }
    const width = Math.max(...boxes.map(({ name }) => name.length));
    for (const box of boxes) {
      tellBox(ui, box, width);
      for (const [key, value] of await infoOf(box)) {
        ui.machine('box-info', key, value);
        if (flags['box-info']) ui.info(`  - ${key}: ${value}`);
      }
    }
    return 0;
  },
});

/** The line of a box, for people and for programs. */
export function tellBox(
  ui: VagrantUi,
  { name, provider, version, architecture }: StoredBox,
  width: number,
): void {
  const suffix = architecture === undefined ? '' : `, (${architecture})`;
  ui.info(`${name.padEnd(width)} (${provider}, ${version}${suffix})`);
  ui.machine('box-name', name);
  ui.machine('box-provider', provider);
  ui.machine('box-version', version);
  if (architecture !== undefined) ui.machine('box-architecture', architecture);
}

/** `info.json` of a box has whatever its maker wrote. */
async function infoOf({ folder }: StoredBox): Promise<readonly (readonly [string, string])[]> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, 'info.json'), 'utf8'));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).map(([key, one]) => [
      key,
      typeof one === 'string' ? one : JSON.stringify(one),
    ]);
  } catch (error) {
    if (error instanceof SyntaxError || isSystemError(error, 'ENOENT', 'EISDIR', 'ENOTDIR')) return [];
    throw error;
  }
}
