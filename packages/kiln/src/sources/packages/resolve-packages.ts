import { KilnError } from '../../base/errors.ts';
import { type AptContext, AptFolder } from './apt-folder.ts';
import { distributionSources, foreignSources } from './apt-source.ts';
import { type InstallPlan, type PlanOptions, pinTo, planInstall, statusOf } from './install-plan.ts';
import { asResolved, findPlanned, type Indexes, openIndexes } from './open-indexes.ts';
import type { IndexedPackage } from './package-index.ts';
import type { PackageRequest } from './package-request.ts';
import { type Pins, pinAttempts } from './pins.ts';
import type { ResolvedPackage, ResolvedPackages } from './resolved-packages.ts';
import { siblingsOf } from './siblings.ts';
import { faultsOfRefusal, inOneError, lookUpWish, type WishFault } from './wish-faults.ts';

export interface ResolveOptions {
  /** False: take the indexes as they are, where there are some. Default: ask the mirror whether they are current. */
  readonly refresh?: boolean;
  /** An earlier answer, whose versions are stayed at where they are still there and go together. */
  readonly keep?: ResolvedPackages;
  /** Packages that move to their newest version nevertheless. */
  readonly update?: readonly string[];
}

/** An answer with what the indexes say of each package, by SHA-256. */
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
  const { release, architecture, repositories } = request;
  const { refresh = true } = options;
  const own = await distributionSources(release, context.aptFolder);
  const foreign = foreignSources(repositories);
  const base = await AptFolder.open(release, architecture, own, context);
  if (foreign.length === 0) {
    return base.withLock(async () => {
      const indexes = await openIndexes(base, refresh);
      const os = await resolveBase({ folder: base, indexes, request, options });
      return answer(
        os,
        await resolveWishes({ folder: base, indexes, request, options }, os),
        indexes,
        request,
      );
    });
  }
  const os = await base.withLock(async () =>
    resolveBase({ folder: base, indexes: await openIndexes(base, refresh), request, options }),
  );
  const all = await AptFolder.open(release, architecture, [...own, ...foreign], context);
  return all.withLock(async () => {
    await all.seedFrom(base);
    const indexes = await openIndexes(all, refresh);
    return answer(os, await resolveWishes({ folder: all, indexes, request, options }, os), indexes, request);
  });
}

interface Task {
  readonly folder: AptFolder;
  readonly indexes: Indexes;
  readonly request: PackageRequest;
  readonly options: ResolveOptions;
}

interface Layer {
  readonly packages: readonly IndexedPackage[];
  readonly resolved: readonly ResolvedPackage[];
  readonly removed: readonly string[];
}

async function resolveBase(task: Task): Promise<Layer> {
  const { indexes, request, options } = task;
  const { architecture, release, base } = request;
  const unknown = base.filter((name) => !indexes.index.has(name));
  if (unknown.length > 0) {
    const names = unknown.join(', ');
    throw new KilnError('not-found', `${release.distribution} ${release.version} has no package ${names}`);
  }
  const plan = await planPinned(task, pinsOf(options, 'os'), options.update ?? [], (pins) => ({
    wants: [
      `?and(?architecture(${architecture}),?essential)`,
      `?and(?architecture(${architecture}),?priority(required))`,
      'apt',
      ...base,
    ],
    recommends: false,
    status: '',
    preferences: pinTo(pins),
  }));
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

async function resolveWishes(task: Task, os: Layer): Promise<Layer> {
  const { indexes, request, options } = task;
  const { wishes, recommends } = request;
  if (wishes.length === 0) return { packages: [], resolved: [], removed: [] };
  const wants: string[] = [];
  const faults: WishFault[] = [];
  const exact = new Map<string, string>();
  for (const wish of wishes) {
    const outcome = lookUpWish(wish, indexes.index, request);
    if (outcome.kind === 'fault') faults.push(outcome.fault);
    if (outcome.kind !== 'want') continue;
    wants.push(outcome.want);
    if (outcome.version === undefined) continue;
    // apt takes the newest of everything else, also of what must have the very version of the package it belongs to.
    for (const name of siblingsOf(bareName(wish.name), outcome.version, indexes.index))
      exact.set(name, outcome.version);
  }
  if (faults.length > 0) throw inOneError(faults);
  const kept = pinsOf(options, 'profile');
  const isFree = ({ name, state }: PackageRequest['wishes'][number]) =>
    state === 'latest' || (!kept.has(bareName(name)) && state === 'present');
  const free = [...(options.update ?? []), ...wishes.filter(isFree).map((one) => bareName(one.name))];
  const status = statusOf(os.packages);
  const plan = await planPinned(task, kept, free, (pins) => ({
    wants,
    recommends,
    status,
    preferences: pinTo(new Map([...pins, ...exact])),
  }));
  if (plan.kind === 'impossible') throw inOneError(faultsOfRefusal(plan.words, wishes));
  const packages = plan.install.map((one) => findPlanned(one, indexes));
  const wished = new Set(wishes.filter((one) => one.state !== 'absent').map((one) => bareName(one.name)));
  return {
    packages,
    resolved: packages.map((one) => asResolved(one, indexes, 'profile', !wished.has(one.name))),
    removed: plan.remove,
  };
}

/** The plan that stays at the most versions; when there is none, why there is none at all. */
async function planPinned(
  { folder, indexes }: Task,
  pins: Pins,
  free: readonly string[],
  options: (pins: Pins) => PlanOptions,
): Promise<InstallPlan> {
  const digests = indexes.repositories.map((one) => one.indexDigest);
  let plan: InstallPlan | undefined;
  for (const attempt of pinAttempts(pins, free, indexes.index)) {
    plan = await planInstall(folder, digests, options(attempt));
    if (plan.kind === 'possible') break;
  }
  return plan!;
}

function pinsOf({ keep }: ResolveOptions, layer: ResolvedPackage['layer']): Pins {
  const kept = keep?.packages.filter((one) => one.layer === layer) ?? [];
  return new Map(kept.map(({ name, version }) => [name, version]));
}

function bareName(name: string): string {
  return name.split(':', 1)[0]!;
}

function answer(os: Layer, wished: Layer, indexes: Indexes, { architecture }: PackageRequest): Resolution {
  const { repositories } = indexes;
  const packages = [...os.resolved, ...wished.resolved].sort(
    (a, b) => order(a.layer, b.layer) || order(a.name, b.name) || order(a.architecture, b.architecture),
  );
  return {
    resolved: {
      epoch: Math.max(...repositories.map((one) => one.indexDate)),
      architecture,
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
