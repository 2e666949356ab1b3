import type { PackageWish, Profile } from '../../plan/profile.ts';
import { readPasswordHashes } from '../inventory/accounts.ts';
import { showName } from '../inventory/byte-names.ts';
import type { Inventory, InventoryFile } from '../inventory/inventory.ts';
import type { ExaminedSystem } from '../inventory/survey.ts';
import { type BareSystem, derivedBareSystem } from './bare-system.ts';
import { captureAccounts } from './captured-accounts.ts';
import { captureFiles, filesInQuestion } from './captured-files.ts';
import { type CapturedPackages, capturePackages } from './captured-packages.ts';
import type { CapturedProfile, LeftOutSecret, Remark } from './captured-profile.ts';
import { captureRepositories } from './captured-repositories.ts';
import { secretFiles } from './captured-secrets.ts';
import { captureServices } from './captured-services.ts';
import { captureSettings } from './captured-settings.ts';
import { plainText } from './inline-text.ts';
import { OriginalFiles } from './original-files.ts';

export interface CaptureOptions {
  /** Name for people. */
  readonly name: string;
  /** Undefined: as the captured system tells of it. */
  readonly bare?: BareSystem;
  /** Name of the folder beside the profile for files that do not stand in it. */
  readonly folder: string;
  /** Write hashes of passwords, instead of telling that they were left out. */
  readonly passwordHashes: boolean;
  readonly signal?: AbortSignal;
}

/** Larger files are left out, in bytes; what people configure is smaller. */
const largestFile = 1 << 20;
/** All files together, in bytes. */
const mostBytes = 64 << 20;

/**
 * A profile that makes a system like this one of the bare operating system: only what differs from that.
 * @param system where contents are read that the inventory has only digests of
 * @throws KilnError as `ExaminedSystem.read` does
 */
export async function captureProfile(
  inventory: Inventory,
  system: ExaminedSystem,
  options: CaptureOptions,
): Promise<CapturedProfile> {
  const bare = options.bare ?? derivedBareSystem(inventory);
  const { signal } = options;
  const inQuestion = filesInQuestion(inventory, bare).filter((file) => file.kind === 'file');
  const { contents, left } = await readContents(system, inQuestion, signal);
  const secrets = await secretFiles(inQuestion, contents);
  const keys = await readKeys(system, inventory, contents, signal);
  const originals = new OriginalFiles(inventory, textsOf(contents, secrets));
  const hashes = options.passwordHashes
    ? await readPasswordHashes(system, signal)
    : new Map<string, string>();

  const packages = capturePackages(inventory, bare);
  const repositories = captureRepositories(inventory, keys);
  const accounts = captureAccounts(inventory, bare, hashes, originals);
  const services = captureServices(inventory, bare, originals);
  const settings = captureSettings(inventory, bare, originals);
  const told = new Set([...repositories.files, ...services.files, ...settings.files, ...accounts.files]);
  const files = captureFiles(inventory, bare, { contents, secrets, told, folder: options.folder });
  const profile: Profile = {
    name: options.name,
    ...osOf(inventory),
    repositories: repositories.repositories,
    packages: packageWishes(inventory, packages),
    groups: accounts.groups,
    users: accounts.users,
    files: files.wishes,
    services: services.services,
    config: settings.config,
    scripts: [],
  };
  const hidden: LeftOutSecret[] = [...accounts.secrets, ...secrets.values()];
  return {
    profile,
    remarks: [
      { at: [], text: headOf(inventory, bare) },
      ...packageRemarks(packages),
      ...repositories.remarks,
      ...accounts.remarks,
      ...files.remarks,
      ...hidden.map(
        (secret): Remark => ({ at: [], text: `Left out as a secret: ${secret.name} (${secret.what})` }),
      ),
    ],
    files: files.local,
    warnings: [
      ...inventory.gaps,
      ...repositories.warnings,
      ...accounts.warnings,
      ...files.warnings,
      ...left,
      ...packageWarnings(inventory, packages),
      ...otherWarnings(inventory),
    ],
    secrets: hidden,
  };
}

function osOf({ os }: Inventory): Pick<Profile, 'os'> {
  const release = os.version ?? os.codename;
  return release === undefined ? {} : { os: { distribution: os.id, release } };
}

function headOf({ os, description }: Inventory, bare: BareSystem): string {
  return `Captured from ${showName(description)} (${os.name}): what it has beyond ${bare.description}.`;
}

async function readContents(
  system: ExaminedSystem,
  files: readonly InventoryFile[],
  signal: AbortSignal | undefined,
): Promise<{ readonly contents: ReadonlyMap<string, Uint8Array>; readonly left: readonly string[] }> {
  const wanted: string[] = [];
  let bytes = 0;
  let beyond = 0;
  for (const { path, size } of files) {
    if (size > largestFile) continue;
    bytes += size;
    if (bytes > mostBytes) beyond += 1;
    else wanted.push(path);
  }
  const contents = await system.read(wanted, largestFile, signal);
  const left =
    beyond === 0
      ? []
      : [`the contents of ${beyond} files are left out: together they are too large for a profile`];
  return { contents, left };
}

/** Keys of repositories, also those that packages brought. */
async function readKeys(
  system: ExaminedSystem,
  { repositories }: Inventory,
  contents: ReadonlyMap<string, Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const paths = new Set(
    repositories.flatMap(({ signedBy }) => (signedBy?.startsWith('/') ? [signedBy] : [])),
  );
  const rest = [...paths].filter((path) => !contents.has(path));
  return new Map([...contents, ...(await system.read(rest, largestFile, signal))]);
}

function textsOf(
  contents: ReadonlyMap<string, Uint8Array>,
  secrets: ReadonlyMap<string, LeftOutSecret>,
): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [path, bytes] of contents) {
    const text = secrets.has(path) ? undefined : plainText(bytes);
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}

function packageWishes(inventory: Inventory, { wanted, along, removed }: CapturedPackages): PackageWish[] {
  const held = inventory.packages.filter((one) => one.held && one.state === 'installed');
  const names = (packages: readonly { readonly name: string }[]) =>
    packages.filter((one) => !held.some(({ name }) => name === one.name)).map((one) => one.name);
  return [
    ...names(wanted).map((name): PackageWish => ({ name, state: 'present' })),
    ...held.map(({ name, version }): PackageWish => ({ name, state: 'present', version, held: true })),
    ...names(along).map((name): PackageWish => ({ name, state: 'present' })),
    ...removed.map((name): PackageWish => ({ name, state: 'absent' })),
  ];
}

function packageRemarks({ along, removed }: CapturedPackages): Remark[] {
  const [first] = along;
  const [gone] = removed;
  return [
    ...(first
      ? [{ at: ['packages', first.name], text: 'Recommended by others, or chosen among several:' }]
      : []),
    ...(gone !== undefined ? [{ at: ['packages', gone], text: 'Taken away from the bare system:' }] : []),
  ];
}

function packageWarnings(inventory: Inventory, { lacking, versioned }: CapturedPackages): string[] {
  const warnings: string[] = [];
  if (lacking.length > 0) {
    warnings.push(`systems that Kiln builds have packages that this one lacks: ${lacking.join(', ')}`);
  }
  if (versioned.length > 0)
    warnings.push(`packages of one version of the kernel are left out: ${versioned.join(', ')}`);
  const foreign = inventory.packages
    .filter((one) => one.manual && isForeign(one.architecture, inventory))
    .map((one) => `${one.name}:${one.architecture}`);
  if (foreign.length > 0)
    warnings.push(`packages of other architectures are left out: ${foreign.join(', ')}`);
  return warnings;
}

function isForeign(architecture: string, inventory: Inventory): boolean {
  return (
    inventory.architecture !== undefined && architecture !== 'all' && architecture !== inventory.architecture
  );
}

function otherWarnings({ settings, files, units }: Inventory): string[] {
  const special = files.filter(
    ({ state, kind }) => state === 'own' && !['file', 'symlink', 'directory'].includes(kind),
  );
  return [
    ...special.map(
      ({ path, kind }) => `${showName(path)} is left out: a profile has no words for a ${kind} file`,
    ),
    ...(settings.swap.length > 0 && !units.some((unit) => unit.name === 'kiln-swap.service')
      ? [
          `the swap file ${settings.swap[0]!.path} is left out: it belongs to the machine's disk ("swap" under "config" makes one)`,
        ]
      : []),
  ];
}
