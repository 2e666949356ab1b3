import { KilnError } from '../../base/errors.ts';
import { parseGemRequirement } from '../../base/gem-requirement.ts';
import { didYouMean } from '../../base/suggest.ts';
import { hostArchitecture } from '../../store/boxes/host-architecture.ts';
import type { Catalogue, CatalogueProvider, CatalogueVersion } from './catalogue.ts';

/** Providers whose boxes Kiln makes machines of, those first that take the least work. */
export const usableProviders: readonly string[] = [
  'libvirt',
  'qemu',
  'virtualbox',
  'vmware_desktop',
  'vmware_fusion',
  'vmware_workstation',
  'vmware',
  'hyperv',
];

export interface CatalogueWish {
  /** RubyGems constraints; undefined: the newest. */
  readonly version?: string;
  /** The best first; none: `pick` decides, or there must be only one. */
  readonly providers: readonly string[];
  /** `auto` for this host's, undefined for the catalogue's default. */
  readonly architecture?: string;
  /** Chooses among several providers when none was asked for; undefined to take none of them. */
  readonly pick?: (names: readonly string[]) => Promise<string | undefined>;
}

export interface Choice {
  readonly version: CatalogueVersion;
  readonly provider: CatalogueProvider;
}

/**
 * The newest version that has what is wished for, and its file.
 * @throws KilnError `not-found` with what there is instead, `bad-usage` for a constraint that is none, or when it has to
 *   be said which provider is meant
 */
export async function chooseFromCatalogue(catalogue: Catalogue, wish: CatalogueWish): Promise<Choice> {
  const requirement = parseGemRequirement(wish.version ?? '');
  for (const version of catalogue.versions) {
    if (!requirement.allows(version.parsed)) continue;
    const names = providersOf(version, wish);
    if (names.length === 0) continue;
    const name =
      wish.providers.length > 0 || names.length === 1 ? names[0]! : await pickOne(catalogue, names, wish);
    return { version, provider: fileFor(version, name, wish.architecture)! };
  }
  throw nothingFits(catalogue, wish);
}

/** The newest version with a file for a provider; undefined when there is none. */
export function newestFor(
  catalogue: Catalogue,
  provider: string,
  constraint = '',
  architecture?: string,
): CatalogueVersion | undefined {
  const requirement = parseGemRequirement(constraint);
  return catalogue.versions.find(
    (version) => requirement.allows(version.parsed) && fileFor(version, provider, architecture),
  );
}

/** Names of providers that will do, the best first. */
function providersOf(version: CatalogueVersion, { providers, architecture }: CatalogueWish): string[] {
  const names = new Set(version.providers.map(({ name }) => name));
  const wanted = providers.length > 0 ? providers : [...names].sort();
  return wanted.filter((name) => names.has(name) && fileFor(version, name, architecture) !== undefined);
}

function fileFor(
  { providers }: CatalogueVersion,
  name: string,
  architecture: string | undefined,
): CatalogueProvider | undefined {
  const files = providers.filter((one) => one.name === name);
  const unsaid = files.find((one) => one.architecture === undefined);
  if (architecture === undefined) return files.find((one) => one.isDefault) ?? unsaid ?? files.at(-1);
  if (architecture !== 'auto') return files.find((one) => one.architecture === architecture);
  return (
    files.find((one) => one.architecture === hostArchitecture()) ??
    files.find((one) => one.isDefault && one.architecture === 'unknown') ??
    unsaid
  );
}

async function pickOne(
  { name }: Catalogue,
  names: readonly string[],
  { pick }: CatalogueWish,
): Promise<string> {
  const picked = await pick?.(names);
  if (picked !== undefined && names.includes(picked)) return picked;
  throw new KilnError('bad-usage', `the box ${name} is there for ${names.join(', ')}`, {
    hint: 'say which with --provider',
  });
}

function nothingFits(catalogue: Catalogue, { version, providers, architecture }: CatalogueWish): KilnError {
  const { name, versions } = catalogue;
  const requirement = parseGemRequirement(version ?? '');
  const allowed = versions.filter(({ parsed }) => requirement.allows(parsed));
  if (allowed.length === 0) {
    const some = versions.slice(0, 8).map((one) => one.version);
    return new KilnError('not-found', `the box ${name} has no version${version ? ` ${version}` : ''}`, {
      hint:
        some.length > 0
          ? `it has ${some.join(', ')}${versions.length > some.length ? ` and ${versions.length - some.length} more` : ''}`
          : 'its catalogue is empty',
    });
  }
  const files = allowed.flatMap((one) => one.providers);
  const names = [...new Set(files.map((one) => one.name))].sort();
  const missing = providers.length > 0 && !providers.some((one) => names.includes(one));
  if (missing) {
    return new KilnError('not-found', `the box ${name} is not there for ${providers.join(', ')}`, {
      hint:
        didYouMean(providers[0]!, names) ??
        (names.length > 0 ? `it is there for ${names.join(', ')}` : 'it has no files'),
    });
  }
  const wanted = architecture === 'auto' ? hostArchitecture() : architecture;
  const architectures = [...new Set(files.map((one) => one.architecture ?? 'unknown'))].sort();
  return new KilnError('not-found', `the box ${name} is not there for ${wanted} processors`, {
    hint: `it is there for ${architectures.join(', ')}; choose with --architecture`,
  });
}
