import type { InstalledPackage } from '../packages/installed-package.ts';
import type { OsRelease } from '../packages/os-release.ts';

const types = { dpkg: 'deb', apk: 'apk', rpm: 'rpm' } as const;

/** The package URL of an installed package: the purl specification with its types deb, apk and rpm. */
export function packageUrl(one: InstalledPackage, os: OsRelease): string {
  const { epoch, rest } = splitEpoch(one);
  const qualifiers = { arch: one.architecture, ...distro(os), ...(epoch && { epoch }) };
  return build(types[one.manager], os.id, one.name, rest, qualifiers);
}

/** The package URL of what it was built from. */
export function sourcePackageUrl(one: InstalledPackage, os: OsRelease): string {
  const { epoch, rest } = splitEpoch({ manager: one.manager, version: one.source.version });
  const arch = one.manager === 'rpm' ? 'src' : 'source';
  return build(types[one.manager], os.id, one.source.name, rest, {
    arch,
    ...distro(os),
    ...(epoch && { epoch }),
  });
}

/** Only RPM's type has the epoch apart from the version. */
function splitEpoch({ manager, version }: Pick<InstalledPackage, 'manager' | 'version'>): {
  readonly epoch?: string;
  readonly rest: string;
} {
  const match = manager === 'rpm' ? /^(\d+):(.*)$/.exec(version) : null;
  return match ? { epoch: match[1]!, rest: match[2]! } : { rest: version };
}

function distro({ id, version }: Pick<OsRelease, 'id' | 'version'>): { readonly distro: string } {
  return { distro: version ? `${id}-${version}` : id };
}

/** A package URL of a package that a distribution has, by what is known of it. */
export function packageUrlOf(
  type: 'deb' | 'apk' | 'rpm',
  os: Pick<OsRelease, 'id' | 'version'>,
  one: { readonly name: string; readonly version: string; readonly architecture?: string },
): string {
  return build(type, os.id, one.name, one.version, {
    ...(one.architecture !== undefined && { arch: one.architecture }),
    ...distro(os),
  });
}

function build(
  type: string,
  namespace: string,
  name: string,
  version: string,
  qualifiers: Readonly<Record<string, string>>,
): string {
  const pairs = Object.entries(qualifiers)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${encode(value)}`);
  return `pkg:${type}/${encode(namespace.toLowerCase())}/${encode(name)}@${encode(version)}?${pairs.join('&')}`;
}

/** Percent-encoding as the specification has it: colons stay. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
