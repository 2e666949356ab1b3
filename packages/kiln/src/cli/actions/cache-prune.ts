import { KilnError } from '../../base/errors.ts';
import { kilnHome } from '../../base/home.ts';
import { formatSize, parseSize } from '../../base/sizes.ts';
import { checkpointBudget } from '../../store/checkpoints/checkpoint-budget.ts';
import { pruneCheckpoints } from '../../store/checkpoints/prune-checkpoints.ts';
import { storeLayout } from '../../store/home.ts';
import { reapDeadRuns } from '../../store/run.ts';
import { makeFolders } from '../../store/store-lock.ts';
import { pruneWarm, warmShare } from '../../store/warm/prune-warm.ts';
import type { CommandInput } from '../command.ts';
import type { cachePruneOptions } from '../commands/cache.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

export async function run(
  { options }: CommandInput<typeof cachePruneOptions>,
  { stdout, stderr, env }: CliContext,
): Promise<number> {
  const home = kilnHome(env);
  const dryRun = options['dry-run'];
  const wanted = sizeOf(options);
  await makeFolders(storeLayout(home));
  const maxBytes = wanted ?? (await checkpointBudget(home, env));
  // What a command that was killed has left behind would keep checkpoints in use.
  if (!dryRun) await reapDeadRuns(home);
  const machines = await pruneWarm(home, { maxBytes: Math.floor(maxBytes * warmShare), dryRun });
  const pruned = await pruneCheckpoints(home, { maxBytes: maxBytes - machines.keptBytes, dryRun });
  const { checkpoints, bytes, keptBytes } = pruned;
  if (options.json) stdout.line(JSON.stringify({ dryRun, ...pruned, machines }, null, 2));
  else {
    const count = `${checkpoints.length} checkpoint${checkpoints.length === 1 ? '' : 's'}`;
    const [did, are] = dryRun ? ['would remove', 'would be'] : ['removed', 'are'];
    stdout.line(`${did} ${count}: ${formatSize(bytes)} ${are} free, ${formatSize(keptBytes)} ${are} kept`);
    if (machines.removed.length > 0 || machines.keptBytes > 0) {
      const those = `${machines.removed.length} machine${machines.removed.length === 1 ? '' : 's'} to begin as`;
      const [free, kept] = [formatSize(machines.bytes), formatSize(machines.keptBytes)];
      stdout.line(`${did} ${those}: ${free} ${are} free, ${kept} ${are} kept`);
    }
    if (keptBytes > maxBytes) stderr.line('what is kept beyond that is used by commands that run');
  }
  return exitCodes.ok;
}

/** Bytes that the options allow; undefined when they do not say. */
function sizeOf(options: CommandInput<typeof cachePruneOptions>['options']): number | undefined {
  const text = options['max-size'];
  if (options.all) {
    if (text === undefined) return 0;
    throw new KilnError('bad-usage', 'only one of --all and --max-size is possible');
  }
  if (text === undefined) return undefined;
  const size = parseSize(text);
  if (size !== undefined) return size;
  throw new KilnError('bad-usage', `--max-size: "${text}" is no size`, { hint: 'such as 500M or 10G' });
}
