import { constants, crc32, deflateRaw } from 'node:zlib';

/** Compressed apart from each other, on Node's threads, and put together to one stream. */
const blockSize = 1 << 20;
const inFlight = 8;

/**
 * The bytes as one gzip member (RFC 1952), compressed on all processors. Blocks end with an empty stored block, by
 * which the next begins at a whole byte. The same bytes give the same result.
 */
export async function* parallelGzip(chunks: AsyncIterable<Buffer>, level: number): AsyncGenerator<Buffer> {
  yield Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  const waiting: Promise<Buffer>[] = [];
  let sum = 0;
  let size = 0;
  for await (const block of blocksOf(chunks)) {
    sum = crc32(block, sum);
    size += block.length;
    waiting.push(compress(block, level));
    if (waiting.length >= inFlight) yield await waiting.shift()!;
  }
  for (const block of waiting) yield await block;
  const end = Buffer.alloc(10);
  // The last block: fixed codes, and nothing but its end.
  end[0] = 3;
  end.writeUInt32LE(sum, 2);
  end.writeUInt32LE(size % 2 ** 32, 6);
  yield end;
}

function compress(block: Buffer, level: number): Promise<Buffer> {
  const promise = new Promise<Buffer>((resolve, reject) => {
    deflateRaw(block, { level, finishFlush: constants.Z_SYNC_FLUSH }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
  // It may fail while those before it are still awaited.
  promise.catch(() => {});
  return promise;
}

async function* blocksOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (length + rest.length >= blockSize) {
      const part = rest.subarray(0, blockSize - length);
      yield Buffer.concat([...parts, part]);
      rest = rest.subarray(part.length);
      [parts, length] = [[], 0];
    }
    if (rest.length === 0) continue;
    // Copied, because a stream may use the chunk's memory again.
    parts.push(Buffer.from(rest));
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(parts);
}
