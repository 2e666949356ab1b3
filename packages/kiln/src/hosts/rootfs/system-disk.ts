import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeDisk, gptParts, openRaw, sectorSize, writeQcow2 } from '@kiln/diskimage';
import { cancelled } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { translateFull } from '../../base/files.ts';
import { run } from '../../base/processes.ts';
import { formatSize } from '../../base/sizes.ts';
import type { SandboxRoot } from '../../guests/chroot-guest.ts';
import type { LockedPackage } from '../../plan/locked-package.ts';
import { biosGrub } from '../../sources/bootstrap/boot-loader.ts';
import { deriveGuid } from '../../sources/bootstrap/derive-guid.ts';
import { efiPartition } from '../../sources/bootstrap/efi-partition.ts';
import type { Release } from '../../sources/bootstrap/release.ts';
import { systemLayout, systemPartitions } from '../../sources/bootstrap/system-layout.ts';
import type { Sboms } from '../../supply/sbom/sbom-options.ts';
import type { SecretFinding } from '../../supply/secrets/secret-finding.ts';
import { besideTree } from './beside-tree.ts';
import type { ImageSpec, WorkerLine } from './image-spec.ts';

export interface SystemDisk {
  readonly root: SandboxRoot;
  readonly release: Release;
  /** For people. */
  readonly name: string;
  /** Bytes, a multiple of 1 MiB. */
  readonly diskSize: number;
  /** SOURCE_DATE_EPOCH: no file is younger, in seconds since 1970. */
  readonly time: number;
  /** What was installed. */
  readonly packages: readonly LockedPackage[];
  /** `$KILN_HOME`, where digests of files are remembered. */
  readonly home: string;
  /** Paths in the tree that may hold what looks like a secret. */
  readonly allowSecrets: readonly string[];
  /** The file of a layout whose files keep their places. */
  readonly layout?: string;
  /** The qcow2 file to write. */
  readonly to: string;
  /** A folder for what is needed on the way; it is made, and the caller's to remove. */
  readonly work: string;
  readonly signal: AbortSignal;
  readonly onStage: (phrase: string) => void;
  /** Gets the pid of a program that has been started. */
  readonly onStart: (pid: number) => void;
}

export interface WrittenSystem {
  /** How many there are, and what they take, in bytes. */
  readonly files: number;
  readonly bytes: number;
  readonly sboms: Pick<Sboms, 'spdx' | 'cyclonedx'>;
}

/**
 * Writes a tree to a disk that boots with BIOS and UEFI: nothing is mounted but the tree's own layers. The same tree
 * gives the same disk, bit for bit.
 * @throws KilnError `disk-too-small`, `secrets-found`, `tool-failed`, `disk-full`, `cancelled`; nothing is left then
 */
export async function writeSystemDisk(system: SystemDisk): Promise<WrittenSystem> {
  const { release, work, to, signal } = system;
  const layout = systemLayout(system.diskSize);
  await mkdir(work, { recursive: true, mode: 0o700 });
  await mkdir(join(system.home, 'host'), { recursive: true, mode: 0o700 });
  const files = {
    root: join(work, 'root.ext4'),
    core: join(work, 'core.img'),
    boot: join(work, 'boot.img'),
    efi: join(work, 'boot.efi'),
    spdx: join(work, 'spdx.json'),
    cyclonedx: join(work, 'cyclonedx.json'),
  };
  await writeFile(files.root, '', { mode: 0o600 });
  await truncate(files.root, layout.root.size);
  const done = await runWorkers(system, {
    name: system.name,
    time: system.time,
    filesystem: files.root,
    size: layout.root.size,
    uuid: deriveGuid(release, 'root'),
    ...(system.layout !== undefined && { layout: system.layout }),
    extract: {
      'boot/grub/core.img': files.core,
      'boot/grub/bootx64.efi': files.efi,
      'usr/lib/grub/i386-pc/boot.img': files.boot,
    },
    leaveOut: ['boot/grub/core.img', 'boot/grub/bootx64.efi'],
    allowSecrets: system.allowSecrets,
    sboms: {
      locked: system.packages,
      spdx: files.spdx,
      cyclonedx: files.cyclonedx,
      memory: join(system.home, 'host', 'tree-digests.json'),
    },
  });
  const [boot, core] = await Promise.all([readFile(files.boot), readFile(files.core)]);
  const grub = biosGrub(boot, core, layout.biosBoot.start / sectorSize);
  const composed = composeDisk(layout.diskSize, [
    ...gptParts(systemPartitions(layout, release), { bootCode: grub.bootCode }),
    { position: layout.biosBoot.start, content: grub.partition },
    {
      position: layout.efi.start,
      content: efiPartition(files.efi, layout.efi, system.time, release),
    },
    { position: layout.root.start, content: await openRaw(files.root) },
  ]);
  try {
    await writeQcow2(composed, to, { signal });
  } catch (error) {
    throw signal.aborted ? cancelled() : translateFull(error, to);
  } finally {
    await composed.close();
    await rm(files.root, { force: true });
  }
  const [spdx, cyclonedx] = await Promise.all(
    [files.spdx, files.cyclonedx].map((file) => readFile(file, 'utf8')),
  );
  return { files: done.files, bytes: done.bytes, sboms: { spdx: spdx!, cyclonedx: cyclonedx! } };
}

type Done = Extract<WorkerLine, { kind: 'done' }>;

type Spec = Omit<ImageSpec, 'tree' | 'task'>;

/** Both tasks at once, on two processors; when one fails the other one ends too. */
async function runWorkers(system: SystemDisk, spec: Spec): Promise<Done> {
  const failed = new AbortController();
  const signal = AbortSignal.any([system.signal, failed.signal]);
  let first: unknown;
  const tasks = (['write', 'look'] as const).map((task) =>
    runWorker({ ...system, signal }, spec, task).catch((error: unknown) => {
      first ??= error;
      failed.abort();
      return undefined;
    }),
  );
  const [written] = await Promise.all(tasks);
  if (first !== undefined) throw first;
  return written!;
}

async function runWorker(system: SystemDisk, spec: Spec, task: ImageSpec['task']): Promise<Done> {
  const { root, work, name, diskSize, signal, onStage, onStart } = system;
  const specFile = join(work, `${task}.json`);
  // Built code is one folder of JavaScript, the sources are TypeScript.
  const worker = import.meta.url.endsWith('.ts') ? './tree-worker.ts' : './tree-worker.js';
  const program = fileURLToPath(new URL(worker, import.meta.url));
  const mounting = join(work, `mounting-${task}`);
  await mkdir(mounting, { mode: 0o700 });
  const { command, args, tree } = await besideTree(root, mounting, process.execPath, [program, specFile]);
  await writeFile(specFile, JSON.stringify({ ...spec, task, tree } satisfies ImageSpec), { mode: 0o600 });
  let last: WorkerLine | undefined;
  const { code, stderr } = await run(command, args, {
    signal,
    onStart,
    onLine: (line, stream) => {
      if (stream !== 'stdout') return;
      last = JSON.parse(line) as WorkerLine;
      if (last.kind === 'stage') onStage(last.text);
    },
  });
  switch (last?.kind) {
    case 'done':
      return last;
    case 'secrets':
      throw secretsFound(last.found);
    case 'full':
      throw new KilnError('disk-too-small', `${name}: ${last.message}`, {
        hint: `give the image a larger "disk:" than ${formatSize(diskSize)}`,
      });
    default: {
      const words = last?.kind === 'failed' ? last.message : stderr.trim().split('\n').slice(-6).join('\n');
      throw new KilnError('tool-failed', `the image could not be written (${code}): ${words}`);
    }
  }
}

function secretsFound(found: readonly SecretFinding[]): KilnError {
  const shown = found.slice(0, 20).map(({ path, line, what }) => {
    return `${path}${line === undefined ? '' : `:${line}`}: ${what}`;
  });
  if (found.length > shown.length) shown.push(`and ${found.length - shown.length} more`);
  return new KilnError('secrets-found', `the image would hold secrets:\n${shown.join('\n')}`, {
    hint: 'remove them in a step, or name their paths under "allow_secrets" of the image',
  });
}
