import { kilnHome } from '../../base/home.ts';
import { formatSize } from '../../base/sizes.ts';
import { checkpointBudget, checkpointBytes } from '../../store/checkpoints/checkpoint-budget.ts';
import { listCheckpoints } from '../../store/checkpoints/list-checkpoints.ts';
import { listWarm } from '../../store/warm/warm-store.ts';
import type { CommandInput } from '../command.ts';
import type { cacheListOptions } from '../commands/cache.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';
import { checkpointJson, shortAge, shortKey, warmJson } from './checkpoint-json.ts';

export async function run(
  { options }: CommandInput<typeof cacheListOptions>,
  { stdout, stderr, env }: CliContext,
): Promise<number> {
  const home = kilnHome(env);
  const checkpoints = await listCheckpoints(home);
  const machines = await listWarm(home);
  if (options.json) {
    const all = [...checkpoints.map(checkpointJson), ...machines.map(warmJson)];
    stdout.line(JSON.stringify(all, null, 2));
  } else if (checkpoints.length === 0 && machines.length === 0)
    stderr.line('There are no checkpoints yet. `kiln build` keeps one after each step of a machine.');
  else if (checkpoints.length > 0) {
    const now = Date.now();
    const limit = formatSize(await checkpointBudget(home, env));
    const rows = checkpoints.map(({ record, usedAt, bytes, ownBytes }) => [
      shortKey(record.key),
      record.build,
      shortAge(now - Date.parse(record.createdAt)),
      shortAge(now - usedAt.getTime()),
      formatSize(bytes),
      formatSize(ownBytes),
      record.memory ? 'yes' : 'no',
      record.step,
    ]);
    stdout.write(textTable([['KEY', 'BUILD', 'AGE', 'USED', 'SIZE', 'OWN', 'MEMORY', 'AFTER'], ...rows]));
    stderr.line(`together ${formatSize(await checkpointBytes(home))}, at most ${limit}`);
  }
  if (!options.json && machines.length > 0) {
    const now = Date.now();
    if (checkpoints.length > 0) stdout.line('');
    const rows = machines.map(({ record, usedAt, bytes }) => [
      shortKey(record.key),
      record.image.description,
      shortAge(now - Date.parse(record.createdAt)),
      shortAge(now - usedAt.getTime()),
      formatSize(bytes),
      record.machine,
    ]);
    stdout.write(textTable([['KEY', 'IMAGE', 'AGE', 'USED', 'SIZE', 'MACHINE TO BEGIN AS'], ...rows]));
  }
  return exitCodes.ok;
}
