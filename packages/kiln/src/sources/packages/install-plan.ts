import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonIfExists, writeFileAtomically } from '../../base/files.ts';
import { listFolder } from '../../store/folders.ts';
import type { AptFolder } from './apt-folder.ts';
import type { IndexedPackage } from './package-index.ts';

/** What apt would do on a machine in a given state. */
export type InstallPlan =
  | {
      readonly kind: 'possible';
      readonly install: readonly PlannedPackage[];
      /** Names, with `:architecture` where it is not the machine's own. */
      readonly remove: readonly string[];
    }
  | { readonly kind: 'impossible'; readonly words: string };

export interface PlannedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Undefined where the index has none. */
  readonly sha256?: string;
}

export interface PlanOptions {
  /** What to give to `apt-get install`: names, `name=version`, `name-`, patterns of apt-patterns(7). */
  readonly wants: readonly string[];
  readonly recommends: boolean;
  /** dpkg's status file of the machine (`Status:` fields and all). */
  readonly status: string;
  /** apt_preferences(5). */
  readonly preferences: string;
}

/**
 * What apt says, or has said before to the same question of the same indexes. To be called under the folder's lock.
 * Nothing is fetched or changed.
 * @param indexes digests of the indexes that the folder has
 */
export async function planInstall(
  folder: AptFolder,
  indexes: readonly string[],
  options: PlanOptions,
): Promise<InstallPlan> {
  const hash = (value: unknown) =>
    createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
  const plans = join(folder.path, 'plans');
  const current = join(plans, hash(indexes));
  for (const name of await listFolder(plans))
    if (join(plans, name) !== current) await rm(join(plans, name), { recursive: true, force: true });
  const path = join(current, `${hash(options)}.json`);
  const known = (await readJsonIfExists(path)) as InstallPlan | undefined;
  if (known) return known;
  const plan = await askApt(folder, options);
  await mkdir(current, { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, JSON.stringify(plan));
  return plan;
}

async function askApt(folder: AptFolder, options: PlanOptions): Promise<InstallPlan> {
  const status = join(folder.path, 'state', 'status');
  const preferences = join(folder.path, 'state', 'preferences');
  await writeFile(status, options.status);
  await writeFile(preferences, options.preferences);
  const result = await folder.run('apt-get', [
    ...['install', '-q', '-y', '--print-uris', '--allow-downgrades', '--allow-change-held-packages'],
    ...['-o', `Dir::State::status=${status}`, '-o', `Dir::Etc::preferences=${preferences}`],
    ...['-o', `APT::Install-Recommends=${options.recommends}`, '-o', 'APT::Install-Suggests=false'],
    ...['-o', 'APT::Get::AutomaticRemove=false'],
    '--',
    ...options.wants,
  ]);
  if (result.code !== 0) return { kind: 'impossible', words: `${result.stdout}\n${result.stderr}` };
  return {
    kind: 'possible',
    install: result.stdout.split('\n').flatMap(parseUriLine),
    remove: removedIn(result.stdout),
  };
}

/** `'URL' name_version_architecture.deb size SHA256:digest`; `%` escapes what a file name may not have. */
function parseUriLine(line: string): PlannedPackage[] {
  const match = /^'\S+' ([^_\s]+)_([^_\s]+)_([^_\s.]+)\.deb \d+(?: (\S+))?$/.exec(line);
  if (!match) return [];
  const [, name, version, architecture, digest] = match;
  const sha256 = /^SHA256:([0-9a-f]{64})$/i.exec(digest ?? '')?.[1]?.toLowerCase();
  return [
    {
      name: name!,
      version: decodeURIComponent(version!),
      architecture: architecture!,
      ...(sha256 && { sha256 }),
    },
  ];
}

function removedIn(text: string): string[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^The following packages will be REMOVED/.test(line));
  if (start < 0) return [];
  const names: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (!line.startsWith(' ')) break;
    names.push(...line.trim().split(/\s+/));
  }
  return names.map((name) => name.replace(/\*$/, '')).sort();
}

/** dpkg's status file of a machine that has just these packages. */
export function statusOf(packages: readonly IndexedPackage[]): string {
  return packages
    .map(({ stanza }) => {
      const lines = [...stanza]
        .filter(([field]) => !leftOut.has(field))
        .map(([field, value]) => `${field}: ${value.replaceAll('\n', '\n ')}`);
      return `${lines.join('\n')}\nstatus: install ok installed\n`;
    })
    .join('\n');
}

/** What a machine does not know of its packages, and what apt does not need to. */
const leftOut: ReadonlySet<string> = new Set([
  'filename',
  'size',
  'md5sum',
  'sha1',
  'sha256',
  'sha512',
  'description',
  'description-md5',
  'tag',
]);

/** Makes apt choose these versions although others are newer, or are installed. */
export function pinTo(versions: ReadonlyMap<string, string>): string {
  return [...versions]
    .map(([name, version]) => `Package: ${name}\nPin: version ${version}\nPin-Priority: 1001\n`)
    .join('\n');
}
