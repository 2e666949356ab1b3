import { constants, inflateRaw, zstdDecompress } from 'node:zlib';
import { DiskImageError } from '../read.ts';
import type { Qcow2Compression } from './layout.ts';
import { zstdFrameLength } from './zstd-frame.ts';

/** 8 MiB, four times what a compressor needs for the largest clusters: more would only be for an attacker's good. */
const largestWindow = 23;

/**
 * What a compressed cluster holds. `stored` may go on with bytes of other clusters.
 * @throws DiskImageError when it does not come to exactly one cluster
 */
export async function decompressCluster(
  stored: Uint8Array,
  clusterSize: number,
  compression: Qcow2Compression,
): Promise<Uint8Array> {
  const bytes =
    compression === 'zstd' ? await unzstd(stored, clusterSize) : await inflate(stored, clusterSize);
  if (bytes.length !== clusterSize)
    throw new DiskImageError(`a compressed cluster holds ${bytes.length} bytes, not ${clusterSize}`);
  return bytes;
}

function inflate(stored: Uint8Array, clusterSize: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    inflateRaw(stored, { maxOutputLength: clusterSize, chunkSize: chunkSize(clusterSize) }, (error, bytes) =>
      error ? reject(damaged(error)) : resolve(bytes),
    );
  });
}

function unzstd(stored: Uint8Array, clusterSize: number): Promise<Uint8Array> {
  const frame = stored.subarray(0, zstdFrameLength(stored));
  const params = { [constants.ZSTD_d_windowLogMax]: largestWindow };
  return new Promise((resolve, reject) => {
    zstdDecompress(
      frame,
      { maxOutputLength: clusterSize, chunkSize: chunkSize(clusterSize), params },
      (error, bytes) => (error ? reject(damaged(error)) : resolve(bytes)),
    );
  });
}

/** One chunk more than fits makes every decompression one trip to the thread pool. */
function chunkSize(clusterSize: number): number {
  return clusterSize + 64;
}

function damaged(error: Error): DiskImageError {
  return new DiskImageError(`a compressed cluster cannot be decompressed (${error.message})`);
}
