import { parseSize } from '../../../base/sizes.ts';
import type { QemuResult } from '../../../plan/qemu-source.ts';
import type { Options } from '../options.ts';

const defaultDiskSize = 40_960 * 2 ** 20;

export function readQemuResult(options: Options, isDisk: boolean): QemuResult {
  const { context } = options;
  const format = options.oneOf('format', ['qcow2', 'raw']) ?? 'qcow2';
  const useBackingFile = options.boolean('use_backing_file');
  if (useBackingFile && !(isDisk && format === 'qcow2')) {
    options.error('use_backing_file', '"use_backing_file" needs "disk_image": true and the format qcow2');
  }
  const skipResize = options.boolean('skip_resize_disk');
  if (skipResize && !isDisk) options.error('skip_resize_disk', '"skip_resize_disk" needs "disk_image": true');
  const diskSize = readDiskSize(options);
  const isQcow2 = format === 'qcow2';
  const directory = options.string('output_directory') ?? `output-${context.buildName}`;
  return {
    machineName: options.string('vm_name') ?? `packer-${context.buildName}`,
    directory: context.path(directory.replace(/(.)\/+$/, '$1')),
    format,
    ...(!skipResize && { diskSize }),
    additionalDiskSizes: readAdditionalSizes(options),
    skipCompaction: options.boolean('skip_compaction') || !isQcow2 || useBackingFile,
    compress: options.boolean('disk_compression') && isQcow2,
    useBackingFile,
    imgArgs: readImageArguments(options),
  };
}

function readDiskSize(options: Options): number {
  const text = options.string('disk_size');
  if (text === undefined || text === '0') return defaultDiskSize;
  const size = /^\d+[bkmgt]?$/i.test(text) ? parseSize(text, 'm') : undefined;
  if (size === undefined) {
    options.error(
      'disk_size',
      `"${text}" is not a disk size`,
      'such as "40G" or "5000M"; a bare number counts megabytes',
    );
  }
  return size ?? defaultDiskSize;
}

/** A bare number counts bytes here, because qemu-img reads these. */
function readAdditionalSizes(options: Options): readonly number[] {
  return options.strings('disk_additional_size').flatMap((text) => {
    const size = /^\d+(?:\.\d+)?[bkmgt]?$/i.test(text) ? parseSize(text, 'b') : undefined;
    if (size !== undefined && size > 0) return [size];
    options.error('disk_additional_size', `"${text}" is not a disk size`, 'such as "10G"');
    return [];
  });
}

function readImageArguments(options: Options): QemuResult['imgArgs'] {
  const inner = options.inner('qemu_img_args');
  const read = {
    convert: inner?.strings('convert') ?? [],
    create: inner?.strings('create') ?? [],
    resize: inner?.strings('resize') ?? [],
  };
  inner?.finish();
  return read;
}
