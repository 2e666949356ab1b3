import { kilnHome } from '../../base/home.ts';
import { formatSize } from '../../base/sizes.ts';
import { checkpointBytes } from '../../store/checkpoints/checkpoint-budget.ts';
import { reapDeadRuns } from '../../store/run.ts';
import { openStore } from '../../store/store.ts';
import type { CommandInput } from '../command.ts';
import type { imagePruneOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export async function run(
  { options }: CommandInput<typeof imagePruneOptions>,
  { stdout, stderr, env }: CliContext,
): Promise<number> {
  const home = kilnHome(env);
  const dryRun = options['dry-run'];
  // What a command that was killed has left behind would keep images in use.
  if (!dryRun) await reapDeadRuns(home);
  const pruned = await openStore(home).prune({ dryRun, keepTagged: !options.all });
  if (options.json) stdout.line(JSON.stringify({ dryRun, ...pruned }, null, 2));
  else {
    const parts = [
      count(pruned.images, 'image'),
      count(pruned.layers, 'layer'),
      count([...wholeDownloads(pruned.downloads), ...pruned.indexes], 'download'),
    ];
    stdout.line(`${dryRun ? 'would remove' : 'removed'} ${parts.join(', ')}: ${formatSize(pruned.bytes)}`);
    const checkpoints = await checkpointBytes(home);
    if (checkpoints > 0)
      stderr.line(`checkpoints of builds take ${formatSize(checkpoints)} more: see \`kiln cache list\``);
  }
  return exitCodes.ok;
}

/** What was kept of one download is in several files: `<key>.data`, `<key>.json` and others. */
function wholeDownloads(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.split('.', 1)[0]!));
}

function count(things: readonly unknown[], noun: string): string {
  return `${things.length} ${noun}${things.length === 1 ? '' : 's'}`;
}
