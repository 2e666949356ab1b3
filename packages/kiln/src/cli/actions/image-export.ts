import { basename, extname, resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { kilnHome } from '../../base/home.ts';
import type { ExportFormat } from '../../store/export-image.ts';
import { reapDeadRuns } from '../../store/run.ts';
import { openStore } from '../../store/store.ts';
import { attestFile } from '../../supply/attest/attest-file.ts';
import { wasBuilt } from '../../supply/attest/facts-of-record.ts';
import { imageSbomsIfReadable } from '../../supply/attest/image-sboms.ts';
import type { CommandInput } from '../command.ts';
import type { imageExportOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../with-progress.ts';
import { shortId } from './image-json.ts';

export async function run(
  { options, args }: CommandInput<typeof imageExportOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr, env, cwd } = context;
  const [reference, file] = [args[0]!, args[1]!];
  const format = options.format ?? formatOf(file);
  const path = resolve(cwd, file);
  const home = kilnHome(env);
  await reapDeadRuns(home);
  const store = openStore(home);
  const record = await store.getImage(reference);
  const { id } = record;
  if (options.attest && format === 'archive') {
    throw new KilnError('bad-usage', 'kiln image export: --attest is for disks', {
      hint: 'an archive has the statements and documents in it; leave --attest out',
    });
  }
  if (format === 'archive' && wasBuilt(record)) {
    // Whoever gets the archive is told what is in the image by those who built it.
    const { gaps } = await imageSbomsIfReadable(store, record, { env });
    for (const gap of gaps) stderr.line(`note: ${gap}`);
  }
  await withProgress(context, ({ emit, signal }) =>
    store.exportImage(reference, path, {
      format,
      compress: options.compress,
      overwrite: options.force,
      signal,
      onProgress: (part) =>
        emit({
          kind: 'progress',
          label: `writing ${file}`,
          done: Math.round(part * 100),
          total: 100,
          unit: 'items',
        }),
    }),
  );
  if (options.attest) {
    const { files, gaps } = await attestFile(store, record, path, { env });
    for (const gap of gaps) stderr.line(`note: ${gap}`);
    if (!options.json) stderr.line(`wrote ${files.map((one) => basename(one)).join(', ')} beside it`);
  }
  const what = format === 'archive' ? 'the archive' : `the ${format} disk`;
  if (options.json) stdout.line(JSON.stringify({ id, file: path, format }, null, 2));
  else stdout.line(`${file} is ${what} of ${reference} (${shortId(id)})`);
  return exitCodes.ok;
}

const endings: Readonly<Record<string, ExportFormat>> = {
  '.qcow2': 'qcow2',
  '.img': 'raw',
  '.raw': 'raw',
  '.vmdk': 'vmdk',
  '.vhd': 'vhd',
  '.vhdx': 'vhdx',
  '.ova': 'ova',
  '.vdi': 'vdi',
  '.kiln': 'archive',
  '.tar': 'archive',
};

function formatOf(file: string): ExportFormat {
  const format = endings[extname(file).toLowerCase()];
  if (format) return format;
  throw new KilnError('bad-usage', `the format of ${file} is not clear from its name`, {
    hint: `add --format, or let the name end with ${Object.keys(endings).join(', ')}`,
  });
}
