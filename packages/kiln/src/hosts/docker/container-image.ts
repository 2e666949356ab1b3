import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';
import type { ContainerSpec } from '../../plan/container-spec.ts';
import { docker, tryDocker } from './docker-command.ts';

export interface ImageOptions {
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/**
 * The image that a container is to be made from, pulled or built where that is asked for.
 * @returns a name or an id that `docker create` takes
 * @throws KilnError `unsupported` for a composition, `file-missing`, `tool-missing`, `tool-failed`, `cancelled`
 */
export async function containerImage(spec: ContainerSpec, options: ImageOptions): Promise<string> {
  const { from, registry } = spec;
  switch (from.kind) {
    case 'compose':
      throw new KilnError('unsupported', 'Kiln does not run compositions of Docker', {
        hint: 'define a machine for each service, or run `docker compose` itself',
      });
    case 'build':
      return buildImage(from, options);
    case 'image':
      if (registry) return withLogin(registry, (config) => getImage(from, config, options));
      return getImage(from, [], options);
  }
}

type Wanted<K> = Extract<ContainerSpec['from'], { readonly kind: K }>;

/** Without `pull` it is enough that the engine has it. */
async function getImage(
  { reference, pull }: Wanted<'image'>,
  config: readonly string[],
  { signal, say }: ImageOptions,
): Promise<string> {
  if (!pull) {
    const { code } = await tryDocker(['image', 'inspect', '--format', '{{.Id}}', reference], { signal });
    if (code === 0) return reference;
  }
  say(`pulling ${reference}`);
  await docker([...config, 'pull', '--quiet', reference], { signal });
  return reference;
}

/** The id of what the build gives; layers that are known are not made again. */
async function buildImage(
  { context, file, arguments: more }: Wanted<'build'>,
  { signal, say }: ImageOptions,
): Promise<string> {
  const isUrl = /^(?:[a-z+]+:\/\/|git@)/.test(context);
  if (!isUrl && !(await exists(context)))
    throw new KilnError('file-missing', `there is no folder ${context} to build an image from`);
  const folder = await mkdtemp(join(tmpdir(), 'kiln-docker-'));
  try {
    const id = join(folder, 'id');
    const where = file === undefined ? [] : ['--file', isUrl ? file : join(context, file)];
    say('building the image of the container');
    await docker(['build', '--iidfile', id, ...where, ...more, context], {
      signal,
      onLine: (line) => say(line),
    });
    return (await readFile(id, 'utf8')).trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A login that nothing is left of: its configuration is a folder of its own, and the password no argument. */
async function withLogin<T>(
  { server, user, password }: NonNullable<ContainerSpec['registry']>,
  work: (config: readonly string[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-docker-'));
  const config = ['--config', folder];
  try {
    const to = server === undefined ? [] : [server];
    await docker([...config, 'login', '--username', user, '--password-stdin', ...to], { input: password });
    return await work(config);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
