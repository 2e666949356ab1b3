import { KilnError } from '../../base/errors.ts';
import { type AptContext, AptFolder, type IndexTarget } from './apt-folder.ts';
import { type AptSource, distributionSources, foreignSources } from './apt-source.ts';
import { pinTo, planInstall, statusOf } from './install-plan.ts';
import { type IndexedPackage, PackageIndex } from './package-index.ts';
import type { PackageRequest } from './package-request.ts';
import { readReleaseFile } from './release-file.ts';
import type { ResolvedPackage, ResolvedPackages, ResolvedRepository } from './resolved-packages.ts';
import { siblingsOf } from './siblings.ts';
import { faultsOfRefusal, inOneError, lookUpWish, type WishFault } from './wish-faults.ts';

export interface ResolveOptions {
  /** False: take the indexes as they are, where there are some. Default: ask the mirror whether they are current. */
  readonly refresh?: boolean;
  /** Versions to stay at where they are still there, by layer and name; see keep-versions.ts. */
  readonly pins?: { readonly os: ReadonlyMap<string, string>; readonly profile: ReadonlyMap<string, string> };
}

/** An answer with what the indexes say of each package: deb-control(5) paragraphs by SHA-256. */
export interface Resolution {
  readonly resolved: ResolvedPackages;
  readonly stanzas: ReadonlyMap<string, IndexedPackage>;
}

/**
 * Works out the exact packages of a request, by this host's apt in a folder of Kiln's: first the layer of the operating
 * system, from the distribution's own repositories; then what the wishes add to a machine that has that.
 * @throws DiagnosticsError, KilnError `not-found` for packages and versions that are not there or do not go together
 *   (every mistake at once); `download-failed`, `checksum-mismatch` for indexes; `tool-missing`
 */
export async function resolvePackages(
  request: PackageRequest,
  context: AptContext,
  options: ResolveOptions = {},
): Promise<Resolution> {
  const own = await distributionSources(request.release, context.aptFolder);
  const foreign = foreignSources(request.repositories);
  const base = await AptFolder.open(request.release, request.architecture, own, context);
  if (foreign.length === 0) {
    return base.withLock(async () => {
      const indexes = await openIndexes(base, options);
      const os = await resolveBase(base, indexes, request, options);
      return answer(request, indexes, os, await resolveWishes(base, indexes, os, request, options));
    });
  }
  const os = await base.withLock(async () =>
    resolveBase(base, await openIndexes(base, options), request, options),
  );
  const all = await AptFolder.open(request.release, request.architecture, [...own, ...foreign], context);
  return all.withLock(async () => {
    await all.seedFrom(base);
    const indexes = await openIndexes(all, options);
    return answer(request, indexes, os, await resolveWishes(all, indexes, os, request, options));
  });
}

/** The Packages files of a folder, and what each of its sources says of itself. */
interface Indexes {
  readonly index: PackageIndex;
  readonly repositories: readonly ResolvedRepository[];
  sourceOf(file: string): AptSource;
}

async function openIndexes(folder: AptFolder, { refresh = true }: ResolveOptions): Promise<Indexes> {
  let targets: readonly IndexTarget[] = refresh ? [] : await folder.targets();
  if (targets.length === 0) {
    await folder.refresh();
    targets = await folder.targets();
  }
  const repositories: ResolvedRepository[] = [];
  for (const source of folder.sources) {
    const target = targets.find((one) => one.source === source);
    if (!target) {
      throw new KilnError(
        'not-found',
        `the repository ${source.mirror} ${source.suite} has no packages for this`,
        {
          hint: 'see to its components and architectures',
          ...(source.at && { at: source.at }),
        },
      );
    }
    const { digest, date, snapshot } = await readReleaseFile(await folder.releaseFile(target));
    const { name, url, suite, components } = source;
    const known = { name, url, suite, components, indexDigest: digest, indexDate: date };
    repositories.push({ ...known, ...(snapshot !== undefined && !source.key && { snapshot }) });
  }
  const sources = new Map(targets.map((one) => [one.path, one.source]));
  return {
    index: await PackageIndex.load(targets.map((one) => one.path)),
    repositories,
    sourceOf: (file) => sources.get(file)!,
  };
}

interface Layer {
  readonly packages: readonly IndexedPackage[];
  readonly resolved: readonly ResolvedPackage[];
  readonly removed: readonly string[];
}

async function resolveBase(
  folder: AptFolder,
  indexes: Indexes,
  request: PackageRequest,
  { pins }: ResolveOptions,
): Promise<Layer> {
  const { architecture, release, base } = request;
  const unknown = base.filter((name) => !indexes.index.has(name));
  if (unknown.length > 0) {
    const names = unknown.join(', ');
    throw new KilnError('not-found', `${release.distribution} ${release.version} has no package ${names}`);
  }
  const plan = await planInstall(folder, {
    wants: [
      `?and(?architecture(${architecture}),?essential)`,
      `?and(?architecture(${architecture}),?priority(required))`,
      'apt',
      ...base,
    ],
    recommends: false,
    status: '',
    preferences: pinTo(pins?.os ?? new Map()),
  });
  if (plan.kind === 'impossible') throw inOneError(faultsOfRefusal(plan.words, []));
  const packages = plan.install.map((one) => findPlanned(one, indexes));
  const roots = new Set(['apt', ...base]);
  const isRoot = ({ name, stanza }: IndexedPackage) =>
    roots.has(name) || stanza.get('essential') === 'yes' || stanza.get('priority') === 'required';
  return {
    packages,
    resolved: packages.map((one) => asResolved(one, indexes, 'os', !isRoot(one))),
    removed: [],
  };
}

async function resolveWishes(
  folder: AptFolder,
  indexes: Indexes,
  os: Layer,
  request: PackageRequest,
  { pins }: ResolveOptions,
): Promise<Layer> {
  const { wishes } = request;
  if (wishes.length === 0) return { packages: [], resolved: [], removed: [] };
  const wants: string[] = [];
  const faults: WishFault[] = [];
  const versions = new Map(pins?.profile ?? []);
  for (const wish of wishes) {
    const outcome = lookUpWish(wish, indexes.index, request);
    if (outcome.kind === 'fault') faults.push(outcome.fault);
    if (outcome.kind !== 'want') continue;
    wants.push(outcome.want);
    if (outcome.version === undefined) continue;
    // apt takes the newest of everything else, also of what must have the very version of the package it belongs to.
    for (const name of siblingsOf(wish.name.split(':', 1)[0]!, outcome.version, indexes.index))
      versions.set(name, outcome.version);
  }
  if (faults.length > 0) throw inOneError(faults);
  const plan = await planInstall(folder, {
    wants,
    recommends: request.recommends,
    status: statusOf(os.packages),
    preferences: pinTo(versions),
  });
  if (plan.kind === 'impossible') throw inOneError(faultsOfRefusal(plan.words, wishes));
  const packages = plan.install.map((one) => findPlanned(one, indexes));
  const wished = new Set(
    wishes.filter((one) => one.state !== 'absent').map((one) => one.name.split(':', 1)[0]),
  );
  return {
    packages,
    resolved: packages.map((one) => asResolved(one, indexes, 'profile', !wished.has(one.name))),
    removed: plan.remove,
  };
}

function findPlanned(
  planned: {
    readonly name: string;
    readonly version: string;
    readonly architecture: string;
    readonly sha256?: string | undefined;
  },
  { index }: Indexes,
): IndexedPackage {
  const { name, version, architecture, sha256 } = planned;
  const same = index.find(name).filter((one) => one.version === version && one.architecture === architecture);
  const found = sha256 === undefined ? same[0] : same.find((one) => one.sha256 === sha256);
  if (found) return found;
  throw new KilnError('internal', `apt chose ${name} ${version}, which its indexes do not have`);
}

function asResolved(
  { name, version, architecture, sha256, size, path, file }: IndexedPackage,
  { sourceOf }: Indexes,
  layer: ResolvedPackage['layer'],
  automatic: boolean,
): ResolvedPackage {
  const source = sourceOf(file);
  if (sha256 === undefined) {
    throw new KilnError('unsupported', `the repository ${source.mirror} has no SHA-256 digest of ${name}`, {
      hint: 'its index is of an old kind: ask whoever keeps it to make it with a current tool',
      ...(source.at && { at: source.at }),
    });
  }
  return { name, version, architecture, sha256, size, path, repository: source.name, layer, automatic };
}

function answer(request: PackageRequest, { repositories }: Indexes, os: Layer, wished: Layer): Resolution {
  const packages = [...os.resolved, ...wished.resolved].sort(
    (a, b) => order(a.layer, b.layer) || order(a.name, b.name) || order(a.architecture, b.architecture),
  );
  return {
    resolved: {
      epoch: Math.max(...repositories.map((one) => one.indexDate)),
      architecture: request.architecture,
      repositories,
      packages,
      removed: wished.removed,
    },
    stanzas: new Map([...os.packages, ...wished.packages].map((one) => [one.sha256!, one])),
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
