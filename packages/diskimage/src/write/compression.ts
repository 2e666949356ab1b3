import { constants, type ZlibOptions, type ZstdOptions } from 'node:zlib';

/**
 * How every cluster or grain of a file is compressed: a function of node:zlib and its options, which other threads can be
 * sent. Everything that decides about the result is given, so that no default of another Node changes it.
 */
export interface Compression {
  readonly method: 'deflate' | 'deflateRaw' | 'zstdCompress';
  readonly options: ZlibOptions | ZstdOptions;
}

/** Deflate without header, with a window of `2 ** windowBits` bytes. @throws RangeError */
export function deflateRawWith(level: number, windowBits: number, unit: number): Compression {
  return { method: 'deflateRaw', options: zlibOptions(level, windowBits, unit) };
}

/** Deflate with zlib's header and checksum. @throws RangeError */
export function deflateWith(level: number, unit: number): Compression {
  return { method: 'deflate', options: zlibOptions(level, 15, unit) };
}

/** Zstandard frames that tell their size. @throws RangeError */
export function zstdWith(level: number, unit: number): Compression {
  checkLevel(level, 19);
  const params = {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_windowLog]: Math.max(10, Math.log2(unit)),
    [constants.ZSTD_c_contentSizeFlag]: 1,
    [constants.ZSTD_c_checksumFlag]: 0,
    [constants.ZSTD_c_nbWorkers]: 0,
  };
  return { method: 'zstdCompress', options: { params, pledgedSrcSize: unit, chunkSize: chunkSize(unit) } };
}

function zlibOptions(level: number, windowBits: number, unit: number): ZlibOptions {
  checkLevel(level, 9);
  return {
    ...{ level, windowBits, memLevel: 9, strategy: constants.Z_DEFAULT_STRATEGY },
    chunkSize: chunkSize(unit),
  };
}

/** Room for what does not compress too: each unit is one call of the library. */
function chunkSize(unit: number): number {
  return Math.max(1024, unit + (unit >> 8) + 64);
}

function checkLevel(level: number, highest: number): void {
  if (!Number.isInteger(level) || level < 1 || level > highest)
    throw new RangeError(`compression levels are 1 to ${highest}, not ${level}`);
}
