import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { LocalImage } from '../../sources/image-resolver.ts';
import type { Artifact, ArtifactDisk } from '../artifact.ts';
import type { HostContext } from '../host.ts';
import type { BuildDisk } from './build-disks.ts';
import { efiVarsName } from './efi.ts';
import { finishDisks, finishLayers, listFiles } from './result.ts';

/** Packer's id for what its qemu builder makes; post-processors look at it. */
const builderId = 'transcend.qemu';

/** What a machine that is off leaves. */
export interface BuiltMachine {
  readonly source: QemuSource;
  readonly image?: LocalImage;
  /** The disks, as they were made at the start. */
  readonly disks: readonly BuildDisk[];
  /** When the disks are stacks of layers: the top ones, whose headers say what they stand on. */
  readonly tops?: readonly string[];
  readonly context: HostContext;
}

/**
 * Makes the artifact: the files of the output directory, or a disk in the scratch folder for the store.
 * @throws KilnError `tool-failed`, `disk-full`, `cancelled`
 */
export async function builtArtifact(machine: BuiltMachine): Promise<Artifact> {
  const { directory } = machine.source.result;
  return directory === undefined ? layerArtifact(machine) : fileArtifact(machine, directory);
}

async function layerArtifact(machine: BuiltMachine): Promise<Artifact> {
  const { disks, tops, context } = machine;
  const files = tops
    ? await wholeDisks(machine, tops, join(context.scratch, 'result'))
    : disks.map((disk) => disk.path);
  return {
    builderId,
    id: 'VM',
    description: `VM disk ${basename(files[0]!)}`,
    files,
    disk: artifactDisk(machine, files[0]!, true),
    destroy: async () => {
      for (const file of files) await rm(file, { force: true });
    },
  };
}

async function fileArtifact(machine: BuiltMachine, directory: string): Promise<Artifact> {
  const { source, disks, tops, context } = machine;
  const { result, hardware } = source;
  if (tops) await wholeDisks(machine, tops, directory);
  else {
    const { emit, signal, build } = context;
    await finishDisks({ result, disks, build: build.name, emit, signal });
  }
  const dropVars = hardware.firmware.kind === 'efi' && hardware.firmware.dropVars;
  const files = await listFiles(directory, dropVars ? efiVarsName : undefined);
  context.run.disownPath(directory);
  return {
    builderId,
    id: 'VM',
    description: `VM files in directory: ${directory}`,
    files,
    disk: artifactDisk(machine, join(directory, disks[0]!.name), result.useBackingFile),
    destroy: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Whole disks out of stacks of layers, or one layer on the source image where the first disk is to be one. */
async function wholeDisks(
  { source, image, disks, context }: BuiltMachine,
  tops: readonly string[],
  folder: string,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const { emit, signal, build } = context;
  return finishLayers({
    source,
    disks,
    tops,
    ...(image ? { image } : {}),
    folder,
    build: build.name,
    emit,
    signal,
  });
}

function artifactDisk(
  { source, image, disks, tops }: BuiltMachine,
  path: string,
  layered: boolean,
): ArtifactDisk {
  const { communicator } = source;
  const user = image?.user ?? (communicator.kind === 'ssh' ? communicator.username : undefined);
  const fromStore = source.disk.kind === 'store' || source.disk.kind === 'distribution';
  const onImage = layered && image !== undefined && (tops !== undefined || disks[0]!.layered);
  return {
    path,
    format: layered ? (onImage ? 'qcow2' : disks[0]!.format) : source.result.format,
    ...(onImage && fromStore ? { base: image.digest } : {}),
    seeded: image?.seeded ?? false,
    firmware: [source.hardware.firmware.kind],
    ...(user === undefined ? {} : { user }),
  };
}
