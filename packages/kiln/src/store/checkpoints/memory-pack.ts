import { createHash } from 'node:crypto';
import { constants as fsConstants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { throwIfCancelled } from '../../base/cancellation.ts';
import { KilnError, messageOf } from '../../base/errors.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/**
 * A machine's memory and the state of its devices in one file: zstd frames of pieces of the memory (pieces of zeros
 * are left out), one frame with the device state, an index in JSON, and a trailer with the index's length. Each frame
 * has zstd's own checksum (RFC 8878), so that a damaged file is noticed while it is read.
 */
const magic = 'KILNMEM1';
const trailerLength = 4 + magic.length;
/** Small enough to leave out most of what is zero, large enough to compress well. */
const pieceSize = 2 ** 20;
const readSize = 4 * pieceSize;
/** Speed counts for more than size here: this competes with a running machine for the host's processors. */
const frameOptions = {
  params: { [constants.ZSTD_c_compressionLevel]: -5, [constants.ZSTD_c_checksumFlag]: 1 },
};
/** Frames at work at once: enough for every thread of Node's pool, few enough to take little memory. */
const inFlight = 16;

interface PackIndex {
  /** Of the machine's memory, in bytes. */
  readonly size: number;
  readonly state: Frame;
  /** Place in the memory, then the frame that holds the bytes from there. */
  readonly pieces: readonly (readonly [at: number, ...frame: Frame])[];
}

/** Place and length in the file. */
type Frame = readonly [offset: number, length: number];

export interface PackedMemory {
  /** Hex SHA-256 of the file. */
  readonly digest: string;
  /** Length of the file, in bytes. */
  readonly bytes: number;
}

/**
 * Packs a machine's memory.
 * @param from.memory file with the bytes of the memory; may have holes
 * @param from.state file with the state of the devices
 * @throws KilnError `cancelled`; what the file system says, such as ENOSPC
 */
export async function packMemory(
  from: { readonly memory: string; readonly state: string },
  to: string,
  signal?: AbortSignal,
): Promise<PackedMemory> {
  const memory = await open(from.memory, 'r');
  const pack = await open(to, fsConstants.O_WRONLY | fsConstants.O_CREAT | fsConstants.O_EXCL, 0o600);
  try {
    const writer = new FrameWriter(pack);
    const { size } = await memory.stat();
    const pieces: [number, ...Frame][] = [];
    const waiting: { readonly at: number; readonly frame: Promise<Buffer> }[] = [];
    const drain = async (most: number) => {
      while (waiting.length > most) {
        const { at, frame } = waiting.shift()!;
        pieces.push([at, ...(await writer.write(await frame))]);
      }
    };
    for (let at = 0; at < size; at += readSize) {
      if (signal) throwIfCancelled(signal);
      const bytes = await readPart(memory, at, Math.min(readSize, size - at));
      for (let inner = 0; inner < bytes.length; inner += pieceSize) {
        const piece = bytes.subarray(inner, inner + pieceSize);
        if (isZero(piece)) continue;
        const frame = compress(piece, frameOptions);
        frame.catch(() => {});
        waiting.push({ at: at + inner, frame });
      }
      await drain(inFlight);
    }
    await drain(0);
    const state = await writer.write(await compress(await readFile(from.state), frameOptions));
    const index: PackIndex = { size, state, pieces };
    const text = Buffer.from(JSON.stringify(index));
    await writer.write(text);
    const trailer = Buffer.alloc(trailerLength);
    trailer.writeUInt32LE(text.length);
    trailer.write(magic, 4, 'latin1');
    await writer.write(trailer);
    return writer.finish();
  } finally {
    await memory.close();
    await pack.close();
  }
}

/**
 * Writes a packed memory into a machine that has been started with memory of the same size, all of it still zero.
 * @param memory path that can be written to as the machine's memory
 * @returns the state of its devices
 * @throws KilnError `store-corrupt` when the pack is damaged or of another size
 */
export async function unpackMemory(path: string, memory: string): Promise<Buffer> {
  const pack = await open(path, 'r');
  try {
    const index = await readIndex(pack);
    const target = await open(memory, 'r+');
    try {
      const { size } = await target.stat();
      if (size !== index.size)
        throw damaged(path, `it is of a machine with ${index.size} bytes of memory, not ${size}`);
      const restore = async ([at, offset, length]: PackIndex['pieces'][number]) => {
        const piece = await decompress(await readPart(pack, offset, length));
        await writeSparsely(target, piece, at);
      };
      await eachOf(index.pieces, inFlight, restore);
    } finally {
      await target.close();
    }
    return await decompress(await readPart(pack, ...index.state));
  } catch (error) {
    if (error instanceof KilnError) throw error;
    throw damaged(path, messageOf(error), error);
  } finally {
    await pack.close();
  }
}

class FrameWriter {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #at = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Buffer): Promise<Frame> {
    const frame = [this.#at, bytes.length] as const;
    this.#hash.update(bytes);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#at + done);
      done += bytesWritten;
    }
    this.#at += bytes.length;
    return frame;
  }

  finish(): PackedMemory {
    return { digest: this.#hash.digest('hex'), bytes: this.#at };
  }
}

async function readIndex(pack: FileHandle): Promise<PackIndex> {
  const { size } = await pack.stat();
  if (size < trailerLength) throw new Error('the file is cut off');
  const trailer = await readPart(pack, size - trailerLength, trailerLength);
  if (trailer.toString('latin1', 4) !== magic) throw new Error('the file is cut off');
  const length = trailer.readUInt32LE();
  if (length > size - trailerLength) throw new Error('the index is longer than the file');
  const text = await readPart(pack, size - trailerLength - length, length);
  return JSON.parse(text.toString()) as PackIndex;
}

async function readPart(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new Error(`the file ends before byte ${at + length}`);
    done += bytesRead;
  }
  return bytes;
}

/** Pages of the host that would stay zero are not touched, so that they take no memory. */
const pageSize = 16 * 1024;

async function writeSparsely(target: FileHandle, piece: Buffer, at: number): Promise<void> {
  for (let start = 0; start < piece.length; ) {
    const end = Math.min(start + pageSize, piece.length);
    if (isZero(piece.subarray(start, end))) {
      start = end;
      continue;
    }
    let last = end;
    while (last < piece.length && !isZero(piece.subarray(last, Math.min(last + pageSize, piece.length))))
      last = Math.min(last + pageSize, piece.length);
    for (let done = start; done < last; ) {
      const { bytesWritten } = await target.write(piece, done, last - done, at + done);
      done += bytesWritten;
    }
    start = last;
  }
}

const zeros = Buffer.alloc(pieceSize);

function isZero(bytes: Buffer): boolean {
  // Most pieces that are not zero show it in their first bytes.
  return bytes[0] === 0 && bytes.compare(zeros, 0, bytes.length) === 0;
}

async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}

function damaged(path: string, why: string, cause?: unknown): KilnError {
  return new KilnError('store-corrupt', `the saved memory ${path} cannot be used: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
  });
}
