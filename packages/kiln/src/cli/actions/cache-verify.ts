import { kilnHome } from '../../base/home.ts';
import { pruneCheckpoints } from '../../store/checkpoints/prune-checkpoints.ts';
import {
  repairCheckpoints,
  type VerifiedCheckpoints,
  verifyCheckpoints,
} from '../../store/checkpoints/verify-checkpoints.ts';
import type { CommandInput } from '../command.ts';
import type { cacheVerifyOptions } from '../commands/cache.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../with-progress.ts';
import { shortKey } from './checkpoint-json.ts';

export async function run(
  { options }: CommandInput<typeof cacheVerifyOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr, env } = context;
  const home = kilnHome(env);
  const found = await withProgress(context, ({ emit, signal }) =>
    verifyCheckpoints(home, {
      signal,
      onProgress: (done, total) =>
        emit({ kind: 'progress', label: 'reading checkpoints', done, total, unit: 'bytes' }),
    }),
  );
  const { problems, checkpoints } = found;
  const ok = problems.length === 0;
  const repaired = !ok && options.repair;
  if (repaired) {
    await repairCheckpoints(home, found);
    // Sound files that only damaged checkpoints needed.
    await pruneCheckpoints(home, { maxBytes: Number.POSITIVE_INFINITY });
  }
  if (options.json) stdout.line(JSON.stringify({ ok, repaired, checkpoints, problems }, null, 2));
  else if (ok) stdout.line('all is well');
  else {
    for (const line of problemLines(found)) stderr.line(line);
    if (repaired) {
      const count = found.damagedRecords.length;
      stdout.line(
        `removed what is damaged, and with it ${count} checkpoint${count === 1 ? '' : 's'} of ${checkpoints}`,
      );
    } else stderr.line('`kiln cache verify --repair` removes what is damaged; builds do without it');
  }
  return ok || repaired ? exitCodes.ok : exitCodes.failed;
}

function problemLines({ problems }: VerifiedCheckpoints): string[] {
  return problems.map(({ path, problem, checkpoints }) => {
    const cost = checkpoints.length > 0 ? checkpoints.map(shortKey).join(', ') : 'none';
    return `${path}: ${problem} (checkpoints lost by it: ${cost})`;
  });
}
