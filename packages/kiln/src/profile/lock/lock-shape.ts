import {
  type Infer,
  list,
  named,
  notation,
  onOff,
  optional,
  record,
  required,
  text,
  wholeNumber,
} from '../../base/yaml/shape.ts';
import type { ResolvedPackage } from '../../sources/packages/resolved-packages.ts';
import type { FetchedFile, LockedSystem } from './lock.ts';
import type { Seal } from './seal.ts';

const system = notation<LockedSystem>({
  expected: 'a release such as debian/12',
  pattern: '^(debian|ubuntu)/\\S+$',
  allowsNumber: false,
  parse: (written) => {
    const [, distribution, release] = /^(debian|ubuntu)\/(\S+)$/.exec(written) ?? [];
    return release === undefined
      ? undefined
      : { distribution: distribution as LockedSystem['distribution'], release };
  },
});

/** Seconds since 1970. */
const time = notation<number>({
  expected: 'a time such as 2026-07-11T10:16:37Z',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$',
  allowsNumber: false,
  parse: (written) => {
    const seconds = Date.parse(written) / 1000;
    return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(written) && Number.isFinite(seconds)
      ? seconds
      : undefined;
  },
});

const digest = notation<string>({
  expected: 'a SHA-256 digest: 64 hexadecimal digits',
  pattern: '^[0-9a-f]{64}$',
  // YAML takes one without letters for a number.
  allowsNumber: true,
  parse: (written) => (/^[0-9a-f]{64}$/.test(written) ? written : undefined),
});

type PackageLine = Omit<ResolvedPackage, 'layer'>;

const packageLine = notation<PackageLine>({
  expected: 'a package: name, version, architecture, size, SHA-256 digest, repository and path',
  pattern: '^\\S+ \\S+ \\S+ \\d+ [0-9a-f]{64} \\S+ \\S+( auto)?$',
  allowsNumber: false,
  parse: (written) => {
    const words = written.split(' ');
    const [name, version, architecture, size, sha256, repository, path, auto] = words;
    if (path === undefined || words.length > 8 || (auto !== undefined && auto !== 'auto')) return undefined;
    if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name!)) return { problem: `"${name}" is no name of a package` };
    if (!/^\d+$/.test(size!)) return { problem: `"${size}" is no size in bytes` };
    if (!/^[0-9a-f]{64}$/.test(sha256!)) {
      return { problem: `a digest of SHA-256 has 64 hexadecimal digits, and the one of ${name} is none` };
    }
    const decoded = path.replace(/%([0-9a-f]{2})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    if (decoded.split('/').includes('..')) return { problem: `the path of ${name} leaves its repository` };
    return {
      ...{ name: name!, version: version!, architecture: architecture!, sha256: sha256!, size: Number(size) },
      ...{ path: decoded, repository: repository!, automatic: auto !== undefined },
    };
  },
});

const fetchedLine = notation<FetchedFile>({
  expected: 'a SHA-256 digest and a URL',
  pattern: '^[0-9a-f]{64} \\S+$',
  allowsNumber: false,
  parse: (written) => {
    const [, sha256, url] = /^([0-9a-f]{64}) (\S+)$/.exec(written) ?? [];
    return url === undefined ? undefined : { url, sha256: sha256! };
  },
});

const seal = notation<Seal>({
  expected: 'how many packages there are, and a digest',
  pattern: '^\\d+ packages, sha256 [0-9a-f]{64}$',
  allowsNumber: false,
  parse: (written) => {
    const [, packages, found] = /^(\d+) packages, sha256 ([0-9a-f]{64})$/.exec(written) ?? [];
    return found === undefined ? undefined : { packages: Number(packages), digest: found };
  },
});

const byKiln = 'written by Kiln';

const section = record('a locked profile', {
  os: required(system, byKiln),
  architecture: required(text, byKiln),
  time: required(time, byKiln),
  asked: required(
    record('what was asked for', {
      packages: required(list(text), byKiln),
      recommends: required(onOff, byKiln),
      base: required(list(text), byKiln),
      repositories: required(list(text), byKiln),
    }),
    byKiln,
  ),
  repositories: required(
    named(
      { what: 'a repository’s name', pattern: '^\\S+$', expected: 'a name without spaces' },
      record('a repository', {
        url: required(text, byKiln),
        suite: required(text, byKiln),
        components: required(list(text), byKiln),
        date: required(time, byKiln),
        index: required(digest, byKiln),
        snapshot: optional(text, byKiln),
      }),
    ),
    byKiln,
  ),
  packages: required(
    record('the packages', {
      os: required(list(packageLine), byKiln),
      profile: required(list(packageLine), byKiln),
    }),
    byKiln,
  ),
  removed: required(list(text), byKiln),
  fetched: required(list(fetchedLine), byKiln),
  seal: required(seal, byKiln),
});

export type LockSection = Infer<typeof section>;

/** What may stand in kiln.lock. */
export const lockShape = record('a lock', {
  schema: required(wholeNumber(1, 1), 'the version of the format, which is 1'),
  profiles: required(
    named({ what: 'a profile’s name', pattern: '^.+$', expected: 'a name' }, section),
    'what each profile was resolved to',
  ),
});
