import { randomUUID } from 'node:crypto';
import { KilnError } from '../../base/errors.ts';
import { newestApiVersion } from '../../dialects/azure/model/api-version.ts';
import type { CommandInput } from '../command.ts';
import type { templateRunOptions } from '../commands/template.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { askServer } from '../server-options.ts';
import { settleRun } from '../settle-run.ts';
import { findRunId, templateIdOf } from '../template-place.ts';
import { readRun } from '../watched-run.ts';

export async function run(
  { options, args }: CommandInput<typeof templateRunOptions>,
  context: CliContext,
): Promise<number> {
  const [name] = args as [string];
  const id = templateIdOf(name, options, context);
  await askServer(context, options, {
    method: 'POST',
    path: `${id}/run?api-version=${newestApiVersion}`,
    headers: { 'x-ms-client-request-id': options['request-id'] ?? randomUUID() },
  });
  const runId = await findRunId(name, options, context);
  if (runId === undefined) {
    throw new KilnError('service-refused', `the service shows no run of ${name}`, {
      hint: 'you need the right to read runs there: ask an owner for the role reader',
    });
  }
  if (options.wait) {
    context.stderr.line(`run ${runId}`);
    return settleRun(runId, options, context);
  }
  if (options.json) context.stdout.line(JSON.stringify(await readRun(runId, options, context), null, 2));
  else context.stdout.line(runId);
  return exitCodes.ok;
}
