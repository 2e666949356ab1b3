import { kilnHome } from '../../base/home.ts';
import { openStore } from '../../store/store.ts';
import type { CommandInput } from '../command.ts';
import type { imageVerifyOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../with-progress.ts';

export async function run(
  { options, args }: CommandInput<typeof imageVerifyOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr, env } = context;
  const store = openStore(kilnHome(env));
  const problems = await withProgress(context, ({ emit }) =>
    store.verify(args[0], (done) => emit({ kind: 'progress', label: 'reading images', done, unit: 'bytes' })),
  );
  if (options.json) stdout.line(JSON.stringify({ ok: problems.length === 0, problems }, null, 2));
  else if (problems.length === 0) stdout.line('all is well');
  else for (const { digest, problem } of problems) stderr.line(`layer sha256:${digest}: ${problem}`);
  return problems.length === 0 ? exitCodes.ok : exitCodes.failed;
}
