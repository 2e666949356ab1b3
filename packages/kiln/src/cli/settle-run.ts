import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseDuration } from '../base/durations.ts';
import { KilnError, messageOf } from '../base/errors.ts';
import type { OptionValues } from './command.ts';
import type { templateWaitOptions } from './commands/template.ts';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { watchInterrupts } from './interrupts.ts';
import { junitReport } from './junit-report.ts';
import { askServer } from './server-options.ts';
import { type ShownRun, watchRun } from './watched-run.ts';

/** Waits for a run as the options say, tells how it went, and gives the exit code. */
export async function settleRun(
  id: string,
  options: OptionValues<typeof templateWaitOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const timeout = timeoutOf(options.timeout);
  const interrupts = watchInterrupts((text) => stderr.line(text));
  const cancelRun = async () => {
    if (!options['cancel-run']) return;
    await askServer(context, options, { method: 'POST', path: `/api/v1/runs/${id}/cancel` });
    stderr.line(`the run ${id} is being cancelled`);
  };
  try {
    const run = await watchRun(
      id,
      {
        server: options,
        onLog: options.logs ? (text) => stderr.write(text) : undefined,
        timeout,
        signal: interrupts.signal,
      },
      context,
    );
    if (!run) {
      stderr.line(`the run ${id} has not ended within ${options.timeout}`);
      await cancelRun();
      return exitCodes.failed;
    }
    if (options.junit !== undefined) await writeReport(resolve(context.cwd, options.junit), run);
    if (options.json) stdout.line(JSON.stringify(run, null, 2));
    else
      for (const { artifactId, artifactUri } of run.artifacts) {
        const made = artifactId ?? artifactUri;
        if (made !== undefined) stdout.line(made);
      }
    if (run.state === 'Succeeded') return exitCodes.ok;
    stderr.line(`the run ${id} has ended: ${run.state}${run.message === '' ? '' : ` (${run.message})`}`);
    return exitCodes.failed;
  } catch (error) {
    if (error instanceof KilnError && error.code === 'cancelled') await cancelRun();
    throw error;
  } finally {
    interrupts.close();
  }
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const timeout = parseDuration(text);
  if (timeout !== undefined && timeout > 0) return timeout;
  throw new KilnError('bad-usage', `--timeout: "${text}" is no time`, { hint: 'write it as 90m, 2h or 45s' });
}

async function writeReport(path: string, run: ShownRun): Promise<void> {
  try {
    await writeFile(path, junitReport(run));
  } catch (error) {
    throw new KilnError('file-missing', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
