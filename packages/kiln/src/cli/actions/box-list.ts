import { join } from 'node:path';
import { readJsonIfExists } from '../../base/files.ts';
import { listBoxes, type StoredBox } from '../../store/boxes/stored-boxes.ts';
import type { CommandInput } from '../command.ts';
import type { boxListOptions } from '../commands/box.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';
import { boxJson, quietBoxServices } from './with-boxes.ts';

export async function run(
  { options }: CommandInput<typeof boxListOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const boxes = await listBoxes(quietBoxServices(context).boxes);
  const infos = await Promise.all(
    boxes.map((box) => (options['box-info'] || options.json ? infoOf(box) : {})),
  );
  if (options.json) {
    stdout.line(
      JSON.stringify(
        boxes.map((box, index) => ({ ...boxJson(box), info: infos[index] })),
        null,
        2,
      ),
    );
  } else if (boxes.length === 0) stderr.line('There are no boxes yet. `kiln box add` gets some.');
  else {
    const rows = boxes.map((box) => [box.name, box.version, box.provider, box.architecture ?? '-']);
    const lines = textTable([['NAME', 'VERSION', 'PROVIDER', 'ARCHITECTURE'], ...rows])
      .trimEnd()
      .split('\n');
    for (const [index, line] of lines.entries()) {
      stdout.line(line);
      for (const [name, value] of Object.entries(infos[index - 1] ?? {}))
        stdout.line(`  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
    }
  }
  return exitCodes.ok;
}

/** What the maker has written about a box; one that is damaged says nothing. */
async function infoOf({ folder }: StoredBox): Promise<Readonly<Record<string, unknown>>> {
  try {
    const info = await readJsonIfExists(join(folder, 'info.json'));
    return typeof info === 'object' && info !== null ? (info as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
