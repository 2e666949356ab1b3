import type { SourceLocation } from '../../base/errors.ts';
import { findMirror, publicMirrors } from '../bootstrap/mirror.ts';
import type { Release } from '../bootstrap/release.ts';
import type { ForeignRepository } from './package-request.ts';

/** One suite of one archive, as a line of sources.list(5) has it. */
export interface AptSource {
  /** Unique among the sources of a request. */
  readonly name: string;
  /** The base that everybody knows it by, with a slash at its end. */
  readonly url: string;
  /** The base that this host reaches it by, with a slash at its end. */
  readonly mirror: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  /** The only key that may sign it; undefined for the distribution's keys. */
  readonly key?: Uint8Array;
  /** Where a profile names it. */
  readonly at?: SourceLocation;
}

/** The suites of a release itself, at the mirror that this host uses. `aptFolder` is normally /etc/apt. */
export async function distributionSources(release: Release, aptFolder?: string): Promise<AptSource[]> {
  const { distribution, codename } = release;
  const known = publicMirrors[distribution];
  const mirror = await findMirror(distribution, aptFolder);
  const components = distribution === 'debian' ? ['main'] : ['main', 'universe'];
  const suites = [
    ['archive', codename],
    ['archive', `${codename}-updates`],
    ['security', `${codename}-security`],
  ] as const;
  return suites.map(([kind, suite]) => ({
    name: suite,
    url: withSlash(known[kind]),
    mirror: withSlash(mirror[kind]),
    suite,
    components,
    architectures: [],
  }));
}

/** The suites of the repositories that a profile adds. */
export function foreignSources(repositories: readonly ForeignRepository[]): AptSource[] {
  return repositories.flatMap(({ name, urls, suites, components, architectures, key, at }) => {
    const pairs = urls.flatMap((url) => suites.map((suite) => [url, suite] as const));
    return pairs.map(([url, suite], index) => ({
      name: pairs.length === 1 ? name : `${name}-${index + 1}`,
      url: withSlash(url),
      mirror: withSlash(url),
      suite,
      components,
      architectures,
      ...(key && { key }),
      ...(at && { at }),
    }));
  });
}

/** A line of sources.list(5). `base` chooses between the base known to everybody and the one that this host uses. */
export function sourceLine(source: AptSource, base: 'url' | 'mirror', keyPath?: string): string {
  const options = [
    ...(source.architectures.length > 0 ? [`arch=${source.architectures.join(',')}`] : []),
    ...(keyPath === undefined ? [] : [`signed-by=${keyPath}`]),
  ];
  const words = [
    'deb',
    ...(options.length > 0 ? [`[${options.join(' ')}]`] : []),
    source[base],
    source.suite,
    ...source.components,
  ];
  return words.join(' ');
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
