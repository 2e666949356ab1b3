import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeDisk, gptParts, openRaw, sectorSize, writeQcow2 } from '@kiln/diskimage';
import { cancelled } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { translateFull } from '../../base/files.ts';
import { run } from '../../base/processes.ts';
import { formatSize } from '../../base/sizes.ts';
import type { RootfsSource } from '../../plan/source.ts';
import { biosGrub } from '../../sources/bootstrap/boot-loader.ts';
import { deriveGuid } from '../../sources/bootstrap/derive-guid.ts';
import { efiPartition } from '../../sources/bootstrap/efi-partition.ts';
import { loginUser } from '../../sources/bootstrap/guest-files.ts';
import { findRelease } from '../../sources/bootstrap/release.ts';
import { systemLayout, systemPartitions } from '../../sources/bootstrap/system-layout.ts';
import type { SecretFinding } from '../../supply/secrets/secret-finding.ts';
import type { Artifact } from '../artifact.ts';
import type { HostContext } from '../host.ts';
import type { ImageSpec, WorkerLine } from './image-spec.ts';
import { besideTree } from './in-tree.ts';
import type { TreeLayers } from './tree-layers.ts';

interface TreeToWrite {
  readonly source: RootfsSource;
  readonly context: HostContext;
  readonly layers: TreeLayers;
  /** For what is needed on the way. */
  readonly folder: string;
}

/**
 * Writes a tree to a disk that boots with BIOS and UEFI: nothing is mounted but the tree's own layers. The same tree
 * gives the same disk, bit for bit.
 * @throws KilnError `disk-too-small`, `secrets-found`, `tool-failed`, `disk-full`, `cancelled`
 */
export async function writeImage({ source, context, layers, folder }: TreeToWrite): Promise<Artifact> {
  const { result, os, lock } = source;
  const { signal } = context;
  const release = findRelease(os.distribution, os.release);
  const layout = systemLayout(result.diskSize);
  const disk = join(context.scratch, 'disk.qcow2');
  const work = join(folder, 'image');
  await mkdir(work, { recursive: true, mode: 0o700 });
  const files = {
    root: join(work, 'root.ext4'),
    core: join(work, 'core.img'),
    boot: join(work, 'boot.img'),
    efi: join(work, 'boot.efi'),
  };
  await writeFile(files.root, '', { mode: 0o600 });
  await truncate(files.root, layout.root.size);
  const done = await runWorker(source, context, layers, work, {
    name: result.machineName,
    time: lock!.time,
    filesystem: files.root,
    size: layout.root.size,
    uuid: deriveGuid(release, 'root'),
    extract: {
      'boot/grub/core.img': files.core,
      'boot/grub/bootx64.efi': files.efi,
      'usr/lib/grub/i386-pc/boot.img': files.boot,
    },
    leaveOut: ['boot/grub/core.img', 'boot/grub/bootx64.efi'],
    allowSecrets: result.allowSecrets,
  });
  context.say(`${done.files} files, ${formatSize(done.bytes)}, on a disk of ${formatSize(layout.diskSize)}`);
  const [boot, core] = await Promise.all([readFile(files.boot), readFile(files.core)]);
  const grub = biosGrub(boot, core, layout.biosBoot.start / sectorSize);
  const efi = await efiPartition(files.efi, layout.efi.size, release, { scratch: work, signal });
  const composed = composeDisk(layout.diskSize, [
    ...gptParts(systemPartitions(layout, release), { bootCode: grub.bootCode }),
    { position: layout.biosBoot.start, content: grub.partition },
    { position: layout.efi.start, content: efi },
    { position: layout.root.start, content: await openRaw(files.root) },
  ]);
  try {
    await writeQcow2(composed, disk, { signal });
  } catch (error) {
    throw signal.aborted ? cancelled() : translateFull(error, disk);
  } finally {
    await composed.close();
  }
  return {
    builderId: 'kiln.rootfs',
    id: 'disk',
    description: `system disk of ${result.machineName}`,
    files: [disk],
    disk: {
      path: disk,
      format: 'qcow2',
      seeded: true,
      time: lock!.time,
      firmware: ['bios', 'efi'],
      user: loginUser,
    },
    destroy: () => rm(disk, { force: true }),
  };
}

type Done = Extract<WorkerLine, { kind: 'done' }>;

async function runWorker(
  { result }: RootfsSource,
  context: HostContext,
  layers: TreeLayers,
  work: string,
  spec: Omit<ImageSpec, 'tree'>,
): Promise<Done> {
  const specFile = join(work, 'spec.json');
  // Built code is one folder of JavaScript, the sources are TypeScript.
  const worker = import.meta.url.endsWith('.ts') ? './tree-worker.ts' : './tree-worker.js';
  const program = fileURLToPath(new URL(worker, import.meta.url));
  const mounting = join(work, 'mounting');
  await mkdir(mounting, { mode: 0o700 });
  const { command, args, tree } = await besideTree(await layers.root(), mounting, process.execPath, [
    program,
    specFile,
  ]);
  await writeFile(specFile, JSON.stringify({ ...spec, tree } satisfies ImageSpec), { mode: 0o600 });
  let last: WorkerLine | undefined;
  const { code, stderr } = await run(command, args, {
    signal: context.signal,
    onStart: (pid) => context.run.ownProcess(pid),
    onLine: (line, stream) => {
      if (stream !== 'stdout') return;
      last = JSON.parse(line) as WorkerLine;
      if (last.kind === 'stage') context.say(last.text);
    },
  });
  switch (last?.kind) {
    case 'done':
      return last;
    case 'secrets':
      throw secretsFound(last.found);
    case 'full':
      throw new KilnError('disk-too-small', `${result.machineName}: ${last.message}`, {
        hint: `give the image a larger "disk:" than ${formatSize(result.diskSize)}`,
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
