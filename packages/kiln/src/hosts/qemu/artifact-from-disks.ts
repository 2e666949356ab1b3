import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { Artifact } from '../artifact.ts';
import type { RestorePoint } from '../checkpoint.ts';
import type { HostContext } from '../host.ts';
import { builtArtifact } from './built-artifact.ts';
import { efiVarsName } from './efi.ts';
import { makeResultFolder, refuseOldResult } from './result.ts';

/**
 * Makes a build's artifact again out of the disks that its machine left when it was turned off, without a machine.
 * @throws KilnError `already-exists`, `disk-full`, `tool-failed`, `cancelled`; nothing is left then
 */
export async function artifactFromDisks(
  source: QemuSource,
  context: HostContext,
  from: RestorePoint,
): Promise<Artifact> {
  const { result, hardware, disk } = source;
  const { directory } = result;
  const { emit, signal, build } = context;
  const image =
    disk.kind === 'empty'
      ? undefined
      : await context.images.resolve(disk, { emit, signal, build: build.name });
  if (directory !== undefined) {
    await refuseOldResult(directory, context.force);
    await makeResultFolder(directory, context.run, context.force);
  }
  try {
    if (directory !== undefined && hardware.firmware.kind === 'efi') {
      if (from.firmwareVariables === undefined)
        throw new KilnError('store-corrupt', 'UEFI variables are missing');
      await writeFile(join(directory, efiVarsName), from.firmwareVariables, 'base64');
    }
    const names = [
      result.machineName,
      ...result.additionalDiskSizes.map((_size, at) => `${result.machineName}-${at + 1}`),
    ];
    return await builtArtifact({
      source,
      ...(image ? { image } : {}),
      disks: names.map((name, at) => ({ path: from.disks[at]!, name, format: 'qcow2', layered: true })),
      tops: from.disks,
      context,
    });
  } catch (error) {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    throw error;
  }
}
