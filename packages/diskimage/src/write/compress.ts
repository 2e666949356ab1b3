import { constants, deflate, deflateRaw, type ZlibOptions, zstdCompress } from 'node:zlib';

/** Compresses one cluster or grain in the thread pool. */
export type Compress = (bytes: Uint8Array) => Promise<Uint8Array>;

// Everything that decides about the result is given, so that no default of another Node changes it.
function zlibOptions(level: number, windowBits: number): ZlibOptions {
  return { level, windowBits, memLevel: 9, strategy: constants.Z_DEFAULT_STRATEGY };
}

/** Deflate without header, with a window of `2 ** windowBits` bytes. @throws RangeError */
export function deflateRawWith(level: number, windowBits: number): Compress {
  checkLevel(level, 9);
  return (bytes) => call(deflateRaw, bytes, zlibOptions(level, windowBits));
}

/** Deflate with zlib's header and checksum. @throws RangeError */
export function deflateWith(level: number): Compress {
  checkLevel(level, 9);
  return (bytes) => call(deflate, bytes, zlibOptions(level, 15));
}

/** One Zstandard frame that tells its size. @param windowLog 10 or more @throws RangeError */
export function zstdWith(level: number, windowLog: number): Compress {
  checkLevel(level, 19);
  const params = {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_windowLog]: windowLog,
    [constants.ZSTD_c_contentSizeFlag]: 1,
    [constants.ZSTD_c_checksumFlag]: 0,
    [constants.ZSTD_c_nbWorkers]: 0,
  };
  return (bytes) => call(zstdCompress, bytes, { params, pledgedSrcSize: bytes.length });
}

type Callback = (error: Error | null, result: Buffer) => void;

function call<Options>(
  compress: (bytes: Uint8Array, options: Options & { chunkSize: number }, callback: Callback) => void,
  bytes: Uint8Array,
  options: Options,
): Promise<Uint8Array> {
  // Room for what does not compress too: each call is one trip to the thread pool.
  const chunkSize = Math.max(1024, bytes.length + (bytes.length >> 8) + 64);
  return new Promise((resolve, reject) => {
    compress(bytes, { ...options, chunkSize }, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

function checkLevel(level: number, highest: number): void {
  if (!Number.isInteger(level) || level < 1 || level > highest)
    throw new RangeError(`compression levels are 1 to ${highest}, not ${level}`);
}
