import { existsSync, statSync } from 'node:fs';
import { listRecords } from '../../../machines/machine-record.ts';
import type { Session } from '../session.ts';
import { kilnProvider, machineFolders } from '../state/machine-folders.ts';
import { changeIndex, type IndexEntry } from '../state/machine-index.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';

type Row = IndexEntry & { readonly id: string };

const idLength = 7;
const columns: readonly (readonly [header: string, width: number, cell: (row: Row) => string])[] = [
  ['id', 8, ({ id }) => id.slice(0, idLength)],
  ['name', 6, ({ name }) => name],
  ['provider', 6, ({ provider }) => provider],
  ['state', 6, ({ state }) => state],
  ['directory', 35, ({ vagrantfile_path: folder }) => folder],
];

export const globalStatusCommand = defineVagrantCommand({
  operands: '',
  flags: { prune: { type: 'switch', description: 'Forget machines that are gone.' } },
  run: async ({ flags }, session) => {
    if (flags.prune) await prune(session);
    const { ui } = session;
    const rows = Object.entries(session.index).map(([id, entry]): Row => ({ ...entry, id }));
    ui.machine('metadata', 'machine-count', String(rows.length));
    for (const { id, name, provider, state, vagrantfile_path: folder } of rows) {
      const own = ui.of(name);
      own.machine('machine-id', id.slice(0, idLength));
      own.machine('provider-name', provider);
      own.machine('machine-home', folder);
      own.machine('state', state);
    }
    const widths = columns.map(([header, width, cell], index) =>
      index === 0 ? width : Math.max(width, header.length, ...rows.map((row) => cell(row).length)),
    );
    const line = (cells: readonly string[]) => {
      for (const [index, cell] of cells.entries()) ui.part(`${cell.padEnd(widths[index]!)} `);
      ui.info('');
    };
    line(columns.map(([header]) => header));
    ui.info('-'.repeat(widths.reduce((sum, width) => sum + width + 1, 0)));
    if (rows.length === 0) {
      ui.info('There are no machines of Vagrantfiles on this computer.');
      return 0;
    }
    for (const row of rows) line(columns.map(([, , cell]) => cell(row)));
    ui.info(
      ' \nThe states are those of the last command in each project. Machines can be named by the id, from\nanywhere: `vagrant halt 1a2b3c4`. `--prune` forgets those that are gone.',
    );
    return 0;
  },
});

/** Entries of the real Vagrant are gone when what it wrote down in the project is gone. */
async function prune(session: Session): Promise<void> {
  const own = new Set((await listRecords(session.home)).map(({ project, name }) => `${project} ${name}`));
  const isThere = (entry: IndexEntry): boolean => {
    const { vagrantfile_path: folder, local_data_path: data, name, provider } = entry;
    if (!existsSync(folder) || !statSync(folder).isDirectory()) return false;
    if (provider === kilnProvider) return own.has(`${folder} ${name}`);
    return machineFolders(data).some(
      (one) => one.name === name && one.provider === provider && one.owner !== undefined,
    );
  };
  if (Object.values(session.index).every(isThere)) return;
  await changeIndex(session.vagrantHome.machineIndex, (machines) =>
    Object.fromEntries(Object.entries(machines).filter(([, entry]) => isThere(entry))),
  );
}
