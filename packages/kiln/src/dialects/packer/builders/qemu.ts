import type { QemuSource } from '../../../plan/qemu-source.ts';
import { readCommunicator } from '../communicator.ts';
import { readIsoImage } from '../iso-image.ts';
import type { Options } from '../options.ts';
import { readQemuBoot } from './qemu-boot.ts';
import { readQemuHardware } from './qemu-hardware.ts';
import { readQemuMedia } from './qemu-media.ts';
import { readQemuResult } from './qemu-result.ts';

/**
 * Packer's qemu builder (https://developer.hashicorp.com/packer/integrations/hashicorp/qemu). Undefined after a
 * mistake that was reported.
 */
export function readQemuBuilder(options: Options): QemuSource | undefined {
  const communicator = readCommunicator(options);
  const image = readIsoImage(options);
  const isDisk = options.boolean('disk_image');
  const result = readQemuResult(options, isDisk);
  const source: Omit<QemuSource, 'disk' | 'communicator'> = {
    kind: 'qemu',
    hardware: readQemuHardware(options),
    boot: readQemuBoot(options, result),
    media: readQemuMedia(options),
    shutdown: readShutdown(options, communicator?.kind === 'none'),
    result,
    seed: false,
  };
  // A switch of old templates; Packer has ignored it for years.
  options.ignore('run_once');
  options.finish();
  if (!communicator || !image) return undefined;
  return isDisk
    ? { ...source, disk: image, communicator }
    : { ...source, disk: { kind: 'empty' }, installer: image, communicator };
}

const defaultShutdownTimeout = 300_000;

function readShutdown(options: Options, isAlone: boolean): QemuSource['shutdown'] {
  const command = options.string('shutdown_command');
  return {
    ...(command !== undefined && !isAlone && { command }),
    acpi: false,
    timeout: options.duration('shutdown_timeout') || defaultShutdownTimeout,
    // Nobody can tell a machine without a communicator to turn off: it does so by itself.
    disabled: isAlone,
  };
}
