import { KilnError } from '../../base/errors.ts';
import type { Profile } from '../../plan/profile.ts';
import { type CompileOptions, compileProfile } from '../compile/compile-profile.ts';
import { isEmptyProfile, profilePart, profileParts } from '../profile-parts.ts';
import type { RenderedFor } from './platform-of.ts';

/** Images that distributions have in the usual registries. */
const images: Readonly<Record<string, (release: string) => string>> = {
  debian: (release) => `docker.io/library/debian:${release}`,
  ubuntu: (release) => `docker.io/library/ubuntu:${release}`,
  fedora: (release) => `registry.fedoraproject.org/fedora:${release}`,
  rocky: (release) => `docker.io/rockylinux/rockylinux:${release}`,
  almalinux: (release) => `docker.io/library/almalinux:${release}`,
  'opensuse-leap': (release) => `registry.opensuse.org/opensuse/leap:${release}`,
  'opensuse-tumbleweed': () => 'registry.opensuse.org/opensuse/tumbleweed',
  alpine: (release) => `docker.io/library/alpine:${release}`,
};

/**
 * A Containerfile (Dockerfile) that makes an image as the profile says, for builders that know here-documents (BuildKit,
 * Buildah 1.33). Its scripts are in a stage of their own, so that no layer carries them; packages, settings and files are
 * layers of their own, so that a change of one costs only what comes after it.
 * @throws KilnError `unsupported` for what no container image can carry, and what compiling throws
 */
export async function renderContainerfile(
  { profile, platform, distribution, release }: RenderedFor,
  { fetch, from }: Pick<CompileOptions, 'fetch'> & { readonly from?: string },
): Promise<string> {
  refuse(profile);
  const image = from ?? images[distribution]?.(release);
  if (image === undefined) {
    throw new KilnError('bad-usage', `there is no usual container image of ${distribution}`, {
      hint: 'say which one with --from',
    });
  }
  const stages: string[] = [];
  const steps: string[] = [];
  for (const part of profileParts) {
    const wanted = profilePart(profile, part);
    if (isEmptyProfile(wanted)) continue;
    const { script } = await compileProfile(wanted, { fetch, platform, standalone: true });
    let mark = `KILN_${part.toUpperCase()}`;
    while (script.split('\n').includes(mark)) mark += '_';
    stages.push(`COPY <<'${mark}' /${part}.sh\n${script}${mark}`);
    const clean =
      part === 'packages' && platform.manager === 'apt'
        ? ' && apt-get clean && rm -rf /var/lib/apt/lists/*'
        : '';
    steps.push(`RUN --mount=type=bind,from=profile,target=/mnt sh /mnt/${part}.sh${clean}`);
  }
  return `# syntax=docker/dockerfile:1
# Made by Kiln of the profile ${JSON.stringify(profile.name)}.
FROM scratch AS profile
${stages.join('\n')}

FROM ${image}
${steps.join('\n')}
`;
}

/** Builders mount files of their own over some, and images are read by everybody who has them. */
function refuse({ config, files, users, name }: Profile): void {
  const settings = [
    ['hostname', config.hostname],
    ['hosts', Object.keys(config.hosts).length > 0 || undefined],
    ['dns', config.dns],
    ['swap', config.swap],
  ] as const;
  const set = settings.filter(([, value]) => value !== undefined).map(([setting]) => setting);
  if (set.length > 0) {
    throw new KilnError(
      'unsupported',
      `${name} sets what a container gets from whoever runs it: ${set.join(', ')}`,
      { hint: 'give these to `docker run`, and keep them out of the profile with "when: not container"' },
    );
  }
  const secret = files.find((file) => file.kind === 'file' && file.secret)?.path;
  const password = users.find((user) => user.password?.kind === 'hash')?.name;
  if (secret === undefined && password === undefined) return;
  throw new KilnError(
    'unsupported',
    `${secret === undefined ? `the password of ${password}` : secret} is a secret, and everybody could read it in the image`,
    { hint: 'mount secrets when the container is run, and leave them out here' },
  );
}
