import { mkdir } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';
import { kilnHome } from '../../base/home.ts';
import { runDiskOutput } from '../../outputs/disk.ts';
import type { OutputContext } from '../../outputs/output-context.ts';
import type { DiskOutput } from '../../plan/output.ts';
import { Run, reapDeadRuns } from '../../store/run.ts';
import { openStore } from '../../store/store.ts';
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
  const { stdout, env, cwd } = context;
  const [reference, file] = [args[0]!, args[1]!];
  const format = options.format ?? formatOf(file);
  const path = resolve(cwd, file);
  const home = kilnHome(env);
  const store = openStore(home);
  const image = await store.getImage(reference);
  if (!options.force && (await exists(path))) {
    throw new KilnError('already-exists', `${file} exists already`, { hint: 'replace it with --force' });
  }
  await reapDeadRuns(home);
  const work = await Run.open(home);
  const owner = { kind: 'run', id: work.id } as const;
  try {
    await store.pin(owner, image.id);
    const disk = { path: store.diskPath(image), format: 'qcow2', seeded: image.seeded } as const;
    const artifact = {
      builderId: 'kiln.store',
      id: image.id,
      description: reference,
      files: [],
      disk,
      destroy: async () => {},
    };
    const output: DiskOutput = { kind: 'disk', format, path: file, compress: options.compress };
    await withProgress(context, async (tools) =>
      runDiskOutput(output, artifact, await exportContext(reference, cwd, work, tools, image.provenance)),
    );
  } finally {
    await store.unpin(owner);
    await work.close();
  }
  if (options.json) stdout.line(JSON.stringify({ id: image.id, file: path, format }, null, 2));
  else stdout.line(`${file} is the ${format} disk of ${reference} (${shortId(image.id)})`);
  return exitCodes.ok;
}

const endings: Readonly<Record<string, DiskOutput['format']>> = {
  '.qcow2': 'qcow2',
  '.img': 'raw',
  '.raw': 'raw',
  '.vmdk': 'vmdk',
  '.vhd': 'vhd',
  '.vhdx': 'vhdx',
  '.vdi': 'vdi',
};

function formatOf(file: string): DiskOutput['format'] {
  const format = endings[extname(file).toLowerCase()];
  if (format) return format;
  throw new KilnError('bad-usage', `the format of ${file} is not clear from its name`, {
    hint: `add --format, or let the name end with ${Object.keys(endings).join(', ')}`,
  });
}

/** What an output has when it is no part of a build. */
async function exportContext(
  reference: string,
  folder: string,
  work: Run,
  { emit, signal }: Pick<OutputContext, 'emit' | 'signal'>,
  provenance: ReturnType<OutputContext['provenance']>,
): Promise<OutputContext> {
  const scratch = join(work.folder, 'export');
  await mkdir(scratch);
  return {
    build: { name: reference, type: 'image' },
    values: {},
    render: (text) => (typeof text === 'string' ? text : text.source),
    say: (text) => emit({ kind: 'message', level: 'info', text }),
    output: () => {},
    emit: (event) => emit(event.kind === 'progress' ? { ...event, build: undefined } : event),
    signal,
    scratch,
    folder,
    force: true,
    runUuid: work.id,
    run: work,
    provenance: () => provenance,
    inputIsSpent: false,
    ownPath: (path) => work.ownPath(path),
    disownPath: (path) => work.disownPath(path),
  };
}
