import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeGpt } from '@kiln/diskimage';
import { KilnError } from '../../base/errors.ts';
import { runOrFail } from '../../base/processes.ts';
import { asRoot, namespaceObstacle, removeTree } from '../../base/user-namespace.ts';
import { basePackages } from './base-packages.ts';
import { embedBiosGrub } from './boot-loader.ts';
import { customizeHook } from './customize-hook.ts';
import { deriveGuid } from './derive-guid.ts';
import { efiPartition } from './efi-partition.ts';
import { guestFiles } from './guest-files.ts';
import { findMirror, hostAptOptions, type Mirror, sourceLines } from './mirror.ts';
import type { Release } from './release.ts';
import { runMmdebstrap } from './run-mmdebstrap.ts';
import { withSbin } from './with-sbin.ts';

/** Part of the cache key: raise it when a change here changes what is in the image. */
export const recipeVersion = 4;

const mebibyte = 1 << 20;
const sector = 512;
const diskSize = 4 * 1024 * mebibyte;
/** LBAs of the partitions, aligned to 1 MiB but for the boot loader's, which fills the gap before them. */
const layout = {
  biosBoot: { first: 34, last: 2047 },
  efi: { first: 2048, last: 2048 + 16 * 2048 - 1 },
  root: { first: 17 * 2048, last: diskSize / sector - 2049 },
} as const;

const partitionTypes = {
  biosBoot: '21686148-6449-6E6F-744E-656564454649',
  efi: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  rootX64: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709',
} as const;

export interface BootstrapContext {
  /** Empty folder for everything temporary. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  /** The story of the bootstrapping, a phrase at a time. */
  readonly onStage: (phrase: string) => void;
}

export interface Bootstrapped {
  /** Raw disk image, sparse. */
  readonly disk: string;
  /** `name=version`, sorted: what the image is made of. */
  readonly packages: readonly string[];
}

/** Identifies what a bootstrapping would make, but for the versions the mirror has today. */
export function bootstrapKey(release: Release): string {
  const files = guestFiles(release, deriveGuid(release, 'root'));
  return createHash('sha256')
    .update(JSON.stringify([recipeVersion, release, basePackages, diskSize, layout, files]))
    .digest('hex');
}

/**
 * Makes a bootable disk of a release, for BIOS and UEFI, from packages alone: mmdebstrap for the tree, mke2fs and
 * mkfs.vfat for the filesystems, GRUB embedded in the file. No loop device, no mount, no running machine.
 * @throws KilnError `tool-missing`, `tool-failed`, `disk-full`, `cancelled`
 */
export async function bootstrap(release: Release, context: BootstrapContext): Promise<Bootstrapped> {
  if (process.arch !== 'x64') {
    throw new KilnError(
      'unsupported',
      `bootstrapping ${release.distribution} on ${process.arch} is not possible yet`,
      {
        hint: 'use a cloud image as a file or URL instead',
      },
    );
  }
  const { scratch, signal, onStage } = context;
  const rootUuid = deriveGuid(release, 'root');
  const tree = join(scratch, 'tree');
  const disk = join(scratch, 'disk.raw');
  const mirror = await findMirror(release.distribution);
  const obstacle = await namespaceObstacle({ signal });
  if (obstacle) {
    throw new KilnError(
      'tool-missing',
      `${release.distribution}/${release.version} cannot be made without root's rights here: ${obstacle.message}`,
      { hint: obstacle.hint },
    );
  }

  onStage(`installing ${release.distribution} ${release.version} from ${mirror.archive}`);
  await installTree(release, mirror, tree, rootUuid, context);
  const installed = await listPackages(tree);

  onStage('writing the filesystems');
  await writeFile(disk, '');
  await truncate(disk, diskSize);
  const handle = await open(disk, 'r+');
  try {
    await writeGpt(handle, {
      diskSize,
      diskGuid: deriveGuid(release, 'disk'),
      partitions: [
        partition('bios-boot', partitionTypes.biosBoot, layout.biosBoot),
        partition('efi', partitionTypes.efi, layout.efi),
        partition('root', partitionTypes.rootX64, layout.root),
      ],
    });
    const [boot, core] = await Promise.all([
      readFile(join(tree, 'usr/lib/grub/i386-pc/boot.img')),
      readFile(join(tree, 'boot/grub/core.img')),
    ]);
    await embedBiosGrub(handle, boot, core, layout.biosBoot.first);
    const size = (layout.efi.last - layout.efi.first + 1) * sector;
    const efi = await efiPartition(join(tree, 'boot/grub/bootx64.efi'), size, release, context);
    await handle.write(efi, 0, efi.length, layout.efi.first * sector);
  } finally {
    await handle.close();
  }
  await rm(join(tree, 'boot/grub/core.img'));
  await rm(join(tree, 'boot/grub/bootx64.efi'));

  const blocks = (layout.root.last - layout.root.first + 1) / 8;
  const options = [
    ...['-q', '-t', 'ext4', '-F', '-L', 'kiln-root', '-U', rootUuid, '-m', '1', '-d', tree],
    ...[
      '-E',
      `offset=${layout.root.first * sector},hash_seed=${rootUuid},lazy_itable_init=1,lazy_journal_init=1`,
    ],
    ...[disk, `${blocks * 4}k`],
  ];
  await runOrFail(...asRoot('mke2fs', options), { signal, env: withSbin() });
  await removeTree(tree);
  return { disk, packages: installed };

  function partition(
    name: string,
    typeGuid: string,
    lbas: { readonly first: number; readonly last: number },
  ) {
    return {
      name,
      typeGuid,
      uniqueGuid: deriveGuid(release, name),
      firstLba: lbas.first,
      lastLba: lbas.last,
    };
  }
}

async function installTree(
  release: Release,
  mirror: Mirror,
  tree: string,
  rootUuid: string,
  { scratch, signal, onStage }: BootstrapContext,
): Promise<void> {
  const overlay = join(scratch, 'files');
  for (const file of guestFiles(release, rootUuid)) {
    const path = join(overlay, file.path);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, file.content, { mode: file.mode });
  }
  const hook = join(scratch, 'customize.sh');
  await writeFile(hook, customizeHook(overlay), { mode: 0o755 });

  const include = [...basePackages, ...release.extraPackages, release.kernelPackage];
  const aptOptions = await hostAptOptions(signal);
  await runMmdebstrap({
    args: [
      '--variant=minbase',
      '--format=directory',
      `--include=${include.join(',')}`,
      ...aptOptions.map((option) => `--aptopt=${option}`),
      '--aptopt=APT::Install-Recommends "false"',
      `--customize-hook=${hook} "$1"`,
      release.codename,
      tree,
      ...sourceLines(release, mirror),
    ],
    what: `${release.distribution} ${release.version}`,
    hint: `check that ${mirror.archive} can be reached (\`kiln doctor\`)`,
    signal,
    onStage,
  });
}

/** Reads dpkg's status file (deb-control(5) stanzas). */
async function listPackages(tree: string): Promise<string[]> {
  const status = await readFile(join(tree, 'var/lib/dpkg/status'), 'utf8');
  const found: string[] = [];
  for (const stanza of status.split('\n\n')) {
    const name = /^Package: (.*)$/m.exec(stanza)?.[1];
    const version = /^Version: (.*)$/m.exec(stanza)?.[1];
    if (name && version && /^Status: install ok installed$/m.test(stanza)) found.push(`${name}=${version}`);
  }
  return found.sort();
}
