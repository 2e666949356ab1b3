import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { digestFile } from '../../base/files.ts';
import { peekBox } from '../../service/boxes/peek-box.ts';
import { progressReporter } from '../../sources/progress.ts';
import type { CommandInput } from '../command.ts';
import type { boxPushOptions } from '../commands/box-push.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { askServer } from '../server-options.ts';
import { withProgress } from '../with-progress.ts';

export async function run(
  { options, args }: CommandInput<typeof boxPushOptions>,
  context: CliContext,
): Promise<number> {
  const [file, name] = [args[0]!, args[1]!];
  const { version } = options;
  if (version === undefined) {
    throw new KilnError('bad-usage', 'kiln box push: --version is missing', {
      hint: 'say which version the file is, such as --version 1.0.0',
    });
  }
  if (options.public && options.private)
    throw new KilnError('bad-usage', 'a box is either --public or --private');
  const [team, box, more] = name.split('/');
  if (!team || !box || more !== undefined) {
    throw new KilnError('bad-usage', `"${name}" cannot be the name of a box in a service`, {
      hint: 'write team/name',
    });
  }
  const path = resolve(context.cwd, file);
  const bytes = await sizeOf(path, file);
  // A file that is no box is told before it is sent.
  await peekBox(path, file);
  const pushed = (await withProgress(context, async ({ emit, signal }) => {
    const report = progressReporter({ emit }, `sending ${basename(file)}`);
    const query = new URLSearchParams({ sha256: await digestFile(path) });
    if (options.architecture !== undefined) query.set('architecture', options.architecture);
    if (options.description !== undefined) query.set('description', options.description);
    if (options.public) query.set('private', 'false');
    if (options.private) query.set('private', 'true');
    const address = [team, box, 'versions', version].map(encodeURIComponent).join('/');
    return askServer(context, options, {
      method: 'POST',
      path: `/api/v1/boxes/${address}?${query}`,
      body: { stream: counted(path, bytes, report), bytes },
      signal,
    });
  })) as { readonly provider: string; readonly architecture: string };
  if (options.json) context.stdout.line(JSON.stringify(pushed, null, 2));
  else context.stdout.line(`${name} ${version} for ${pushed.provider} (${pushed.architecture}) is there`);
  return exitCodes.ok;
}

async function* counted(
  path: string,
  total: number,
  report: (done: number, total: number) => void,
): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    done += (chunk as Buffer).length;
    report(done, total);
    yield chunk as Buffer;
  }
}

async function sizeOf(path: string, shown: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
  }
  throw new KilnError('file-missing', `there is no box file ${shown}`, { hint: 'name a .box file' });
}
