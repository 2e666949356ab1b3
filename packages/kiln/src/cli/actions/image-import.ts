import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import type { EmitEvent } from '../../base/events.ts';
import { kilnHome } from '../../base/home.ts';
import { Problems } from '../../base/yaml/problems.ts';
import { readImageReference } from '../../dialects/kiln/image-reference.ts';
import { bootstrapImage } from '../../hosts/rootfs/bootstrap-image.ts';
import type { ImageRef } from '../../plan/image-ref.ts';
import { createImageResolver } from '../../sources/resolver.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import { tagReference } from '../../store/image-reference.ts';
import { reapDeadRuns } from '../../store/run.ts';
import { openStore } from '../../store/store.ts';
import type { CommandInput } from '../command.ts';
import type { imageImportOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../with-progress.ts';
import { shortId } from './image-json.ts';

type ImportOptions = CommandInput<typeof imageImportOptions>['options'];
type Source = Exclude<ImageRef, { kind: 'store' | 'empty' }>;

export async function run(
  { options, args }: CommandInput<typeof imageImportOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, env } = context;
  const [source, wanted] = [args[0]!, args[1]!];
  const { name, tag } = tagReference(wanted);
  const reference = `${name}:${tag}`;
  const firmware = readFirmware(options.firmware);
  const ref = readSource(source, options.checksum, context.cwd);
  await reapDeadRuns(kilnHome(env));
  const id = await withProgress(context, (tools) =>
    takeIn(ref, { ...tools, env, source, reference, firmware, user: options.user }),
  );
  if (options.json) stdout.line(JSON.stringify({ id, name: reference }, null, 2));
  else stdout.line(`${reference} is ${shortId(id)}`);
  return exitCodes.ok;
}

interface Import {
  readonly env: NodeJS.ProcessEnv;
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
  /** As the user named it. */
  readonly source: string;
  readonly reference: string;
  readonly firmware: ImageRecord['firmware'];
  readonly user: ImportOptions['user'];
}

async function takeIn(ref: Source, details: Import): Promise<string> {
  const { env, emit, signal, source, reference, firmware, user } = details;
  const store = openStore(kilnHome(env));
  let path = ref.kind === 'file' ? ref.path : undefined;
  // A file without a checksum needs no looking at before the store does that: it may be an archive, too.
  if (ref.kind !== 'file' || ref.checksum !== undefined) {
    const resolver = createImageResolver({
      store,
      env,
      bootstrap: (one, resolving) => bootstrapImage(store, one, resolving),
    });
    const image = await resolver.resolve(ref, { emit, signal });
    if (ref.kind === 'distribution') {
      await store.tag(`sha256:${image.digest}`, reference);
      return image.digest;
    }
    path ??= image.path;
  }
  const record = await store.importImage(path!, {
    // A URL's query may hold a token.
    name: basename(source.replace(/[?#].*$/, '')),
    references: [reference],
    firmware,
    ...(user !== undefined && { user }),
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
  return record.id;
}

function readSource(source: string, checksum: string | undefined, cwd: string): Source {
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
  const looksLikeFile = problem !== undefined && /looks like a file/.test(problem.message);
  if (problem && !looksLikeFile) {
    const hint = /checksum/.test(problem.hint ?? '')
      ? 'give --checksum sha256:…, or --checksum none'
      : problem.hint;
    throw new KilnError('bad-usage', problem.message, hint === undefined ? {} : { hint });
  }
  if (ref && ref.kind !== 'store' && ref.kind !== 'empty') return ref;
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
