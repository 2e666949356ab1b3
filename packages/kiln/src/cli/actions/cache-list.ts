import { kilnHome } from '../../base/home.ts';
import { formatSize } from '../../base/sizes.ts';
import { checkpointBudget, checkpointBytes } from '../../store/checkpoints/checkpoint-budget.ts';
import { listCheckpoints } from '../../store/checkpoints/list-checkpoints.ts';
import type { CommandInput } from '../command.ts';
import type { cacheListOptions } from '../commands/cache.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';
import { checkpointJson, shortAge, shortKey } from './checkpoint-json.ts';

export async function run(
  { options }: CommandInput<typeof cacheListOptions>,
  { stdout, stderr, env }: CliContext,
): Promise<number> {
  const home = kilnHome(env);
  const checkpoints = await listCheckpoints(home);
  if (options.json) stdout.line(JSON.stringify(checkpoints.map(checkpointJson), null, 2));
  else if (checkpoints.length === 0)
    stderr.line('There are no checkpoints yet. `kiln build` keeps one after each step of a machine.');
  else {
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
  return exitCodes.ok;
}
