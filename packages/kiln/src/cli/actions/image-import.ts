import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { kilnHome } from '../../base/home.ts';
import { kilnVersion } from '../../base/version.ts';
import { readImageReference } from '../../dialects/kiln/image-reference.ts';
import { Problems } from '../../dialects/kiln/problems.ts';
import type { ImageRef } from '../../plan/image-ref.ts';
import { bootstrapImage } from '../../sources/bootstrap/bootstrap-image.ts';
import type { LocalImage } from '../../sources/image-resolver.ts';
import { createImageResolver } from '../../sources/resolver.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import { tagReference } from '../../store/image-reference.ts';
import { reapDeadRuns } from '../../store/run.ts';
import { openStore, type Store } from '../../store/store.ts';
import type { CommandInput } from '../command.ts';
import type { imageImportOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../with-progress.ts';
import { shortId } from './image-json.ts';

type ImportOptions = CommandInput<typeof imageImportOptions>['options'];

export async function run(
  { options, args }: CommandInput<typeof imageImportOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, env } = context;
  const [source, wanted] = [args[0]!, args[1]!];
  const { name, tag } = tagReference(wanted);
  const firmware = readFirmware(options.firmware);
  const ref = readSource(source, options.checksum, context.cwd);
  const home = kilnHome(env);
  await reapDeadRuns(home);
  const store = openStore(home);
  const resolver = createImageResolver({
    store,
    env,
    bootstrap: (one, resolving) => bootstrapImage(store, one, resolving),
  });
  const id = await withProgress(context, async ({ emit, signal }) => {
    const image = await resolver.resolve(ref, { emit, signal });
    if (ref.kind === 'distribution') {
      await store.tag(`sha256:${image.digest}`, `${name}:${tag}`);
      return image.digest;
    }
    return addToStore(store, image, { source, name: `${name}:${tag}`, firmware, options, emit, signal });
  });
  if (options.json) stdout.line(JSON.stringify({ id, name: `${name}:${tag}` }, null, 2));
  else stdout.line(`${name}:${tag} is ${shortId(id)}`);
  return exitCodes.ok;
}

function readSource(source: string, checksum: string | undefined, cwd: string): ImageRef {
  // On a command line a file's name needs no "./" before it.
  const isFile = !/^[a-z]+:\/\//i.test(source) && existsSync(resolve(cwd, source));
  const problems = new Problems();
  const at = { file: '', line: 1, column: 1 };
  const ref = readImageReference(
    isFile ? resolve(cwd, source) : source,
    checksum === undefined ? undefined : { text: checksum, at },
    { folder: cwd, problems, at },
  );
  const [problem] = problems.list();
  if (problem) {
    const hint = /checksum/.test(problem.hint ?? '')
      ? 'give --checksum sha256:…, or --checksum none'
      : problem.hint;
    throw new KilnError('bad-usage', problem.message, hint === undefined ? {} : { hint });
  }
  if (ref && ref.kind !== 'store') return ref;
  throw new KilnError('file-missing', `there is no file ${source}`, {
    hint: 'name a file, a URL, or a distribution such as debian/12',
  });
}

function readFirmware(names: readonly string[]): ImageRecord['firmware'] {
  return names.map((name) => {
    if (name === 'bios' || name === 'efi') return name;
    throw new KilnError('bad-usage', `--firmware cannot be "${name}"`, { hint: 'it is bios, efi, or both' });
  });
}

interface ImportDetails {
  readonly source: string;
  readonly name: string;
  readonly firmware: ImageRecord['firmware'];
  readonly options: ImportOptions;
  readonly emit: Parameters<ReturnType<typeof createImageResolver>['resolve']>[1]['emit'];
  readonly signal: AbortSignal;
}

async function addToStore(store: Store, image: LocalImage, details: ImportDetails): Promise<string> {
  const { source, name, firmware, options, emit, signal } = details;
  if (image.format === 'iso') {
    throw new KilnError('unsupported', `${source} is a CD image, not a disk`, {
      hint: 'build a disk with it: name it in a template',
    });
  }
  const layer = await store.addLayer({
    diskPath: image.path,
    move: false,
    signal,
    onProgress: (part) =>
      emit({
        kind: 'progress',
        label: 'storing the disk',
        done: Math.round(part * 100),
        total: 100,
        unit: 'items',
      }),
  });
  const user = options.user ?? image.user;
  await store.putImage(
    {
      schema: 1,
      id: layer.digest,
      layers: layer.layers,
      virtualSize: layer.virtualSize,
      createdAt: new Date().toISOString(),
      seeded: options.seeded || image.seeded,
      firmware,
      ...(user !== undefined && { user }),
      provenance: {
        kilnVersion,
        // A URL's query may hold a token.
        made: `import ${basename(source.replace(/[?#].*$/, ''))}`,
        inputs: [{ what: 'disk', digest: image.digest }],
      },
    },
    [name],
  );
  return layer.digest;
}
