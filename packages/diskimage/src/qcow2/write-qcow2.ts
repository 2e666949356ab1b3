import type { DiskReader } from '../disk-reader.ts';
import { compressUnits } from '../write/compress-units.ts';
import { type Compression, deflateRawWith, zstdWith } from '../write/compression.ts';
import { Compressor } from '../write/compressor.ts';
import { type DataChunk, dataChunks } from '../write/data-chunks.ts';
import { type OutputFile, writeNewFile } from '../write/output-file.ts';
import type { WrittenDisk } from '../write/write-options.ts';
import { isZero } from '../write/zeros.ts';
import { ClusterAllocator } from './cluster-allocator.ts';
import { encodeHeader } from './encode-header.ts';
import { PackedStream } from './packed-stream.ts';
import { TableWriter } from './table-writer.ts';
import type { Qcow2WriteCompression, Qcow2WriteOptions } from './write-options.ts';
import { writeRefcounts } from './write-refcounts.ts';

/**
 * Writes a disk to a new qcow2 file of version 3, one pass from its start to its end. Clusters of zeros take no room;
 * compressed ones lie close behind each other. A size that is no multiple of 512 is rounded up. The header is written last:
 * an unfinished file is none.
 * @throws DiskImageError when a disk cannot be read; RangeError for options that cannot be; Node's own errors when the file
 * cannot be written or is there
 */
export async function writeQcow2(
  disk: DiskReader,
  path: string,
  options: Qcow2WriteOptions = {},
): Promise<WrittenDisk> {
  const { clusterSize = 65536, compression, backing } = options;
  if (clusterSize < 512 || clusterSize > 2 << 20 || (clusterSize & (clusterSize - 1)) !== 0)
    throw new RangeError(`clusters have 512 bytes to 2 MiB, a power of two, not ${clusterSize}`);
  const virtualSize = Math.ceil(disk.size / 512) * 512;
  const tables = Math.ceil(virtualSize / ((clusterSize / 8) * clusterSize));
  if (tables * 8 > 32 << 20)
    throw new RangeError(`a disk of ${virtualSize} bytes takes larger clusters than ${clusterSize} bytes`);
  const compressing = compression && compressionOf(compression, clusterSize);
  const newHeader = {
    clusterSize,
    virtualSize,
    isZstd: compression?.kind === 'zstd',
    firstLevel: { place: clusterSize, entries: tables },
    refcounts: { place: 0, clusters: 0 },
    ...(backing && { backing }),
  };
  // Before there is a file: what is wrong with the options shows here.
  encodeHeader(newHeader);

  return writeNewFile(path, async (output) => {
    const allocator = new ClusterAllocator(clusterSize);
    allocator.allocate(1 + Math.ceil((tables * 8) / clusterSize));
    const writer = new ClusterWriter(output, allocator, new TableWriter(output, allocator, tables));
    const chunkOptions = { ...options, unit: clusterSize, ...(backing && { below: backing.disk }) };
    const chunks = dataChunks(disk, chunkOptions);
    if (compressing) await writeCompressed(chunks, writer, compressing);
    else await writePlain(chunks, writer);
    await writer.finish(clusterSize);
    const refcounts = await writeRefcounts(output, allocator);
    await output.settle();
    await output.write(encodeHeader({ ...newHeader, refcounts }), 0);
    const fileSize = allocator.clusters * clusterSize;
    await output.truncate(fileSize);
    return { virtualSize, fileSize };
  });
}

function compressionOf({ kind, level }: Qcow2WriteCompression, clusterSize: number): Compression {
  // QEMU reads deflate with a window of 4 KiB.
  if (kind === 'deflate') return deflateRawWith(level ?? 6, 12, clusterSize);
  return zstdWith(level ?? 3, clusterSize);
}

/** Puts clusters into the file and into its tables. They must come in the order of the disk. */
class ClusterWriter {
  readonly clusterSize: number;
  readonly output: OutputFile;
  readonly #allocator: ClusterAllocator;
  readonly #tables: TableWriter;
  readonly #packed: PackedStream;

  constructor(output: OutputFile, allocator: ClusterAllocator, tables: TableWriter) {
    this.clusterSize = allocator.clusterSize;
    this.output = output;
    this.#allocator = allocator;
    this.#tables = tables;
    this.#packed = new PackedStream(output);
  }

  /** Clusters next to each other. Returns when they have their place; `written` collects the writes. */
  async plain(cluster: number, bytes: Uint8Array, written: Promise<void>[]): Promise<void> {
    const { clusterSize } = this;
    for (let done = 0; done < bytes.length; ) {
      const first = cluster + done / clusterSize;
      await this.#tables.open(first);
      const count = Math.min(this.#tables.reach(first), (bytes.length - done) / clusterSize);
      const place = this.#allocator.allocate(count);
      this.#tables.setData(first, count, place);
      const end = done + count * clusterSize;
      written.push(this.output.write(bytes.subarray(done, end), place));
      done = end;
    }
  }

  async packed(cluster: number, bytes: Uint8Array): Promise<void> {
    await this.#tables.open(cluster);
    const place = this.#allocator.allocatePacked(bytes.length);
    this.#tables.setPacked(cluster, place, bytes.length);
    await this.#packed.write(bytes, place);
  }

  /** Zeros where the disk below has something else. */
  async zero(cluster: number): Promise<void> {
    await this.#tables.open(cluster);
    this.#tables.setZero(cluster);
  }

  async finish(firstLevelPlace: number): Promise<void> {
    await this.#packed.flush();
    await this.#tables.flush();
    await this.output.write(this.#tables.firstLevel, firstLevelPlace);
  }
}

type Nature = 'same' | 'zero' | 'data';

/** Without a disk below, zeros are what an image reads as where it has nothing. */
function natureOf({ bytes, below }: DataChunk, from: number, to: number): Nature {
  if (below && Buffer.compare(bytes.subarray(from, to), below.subarray(from, to)) === 0) return 'same';
  if (!isZero(bytes, from, to)) return 'data';
  return below ? 'zero' : 'same';
}

async function writePlain(chunks: AsyncIterable<DataChunk>, writer: ClusterWriter): Promise<void> {
  const { clusterSize } = writer;
  for await (const chunk of chunks) {
    const { position, bytes, release } = chunk;
    const written: Promise<void>[] = [];
    for (let from = 0; from < bytes.length; ) {
      const nature = natureOf(chunk, from, from + clusterSize);
      let to = from + clusterSize;
      if (nature === 'data')
        while (to < bytes.length && natureOf(chunk, to, to + clusterSize) === 'data') to += clusterSize;
      const cluster = (position + from) / clusterSize;
      if (nature === 'data') await writer.plain(cluster, bytes.subarray(from, to), written);
      else if (nature === 'zero') await writer.zero(cluster);
      from = to;
    }
    void Promise.allSettled(written).then(release);
    writer.output.check();
  }
}

async function writeCompressed(
  chunks: AsyncIterable<DataChunk>,
  writer: ClusterWriter,
  compression: Compression,
): Promise<void> {
  const { clusterSize } = writer;
  await compressUnits(chunks, new Compressor(compression, clusterSize), {
    wants(chunk, from, to) {
      const nature = natureOf(chunk, from, to);
      return nature === 'data' ? 'compressed' : nature === 'zero' ? 'plain' : 'nothing';
    },
    async add(position, bytes, packed) {
      const cluster = position / clusterSize;
      if (!packed) return writer.zero(cluster);
      if (packed.length < clusterSize) return writer.packed(cluster, packed);
      const written: Promise<void>[] = [];
      await writer.plain(cluster, bytes, written);
      await Promise.all(written);
    },
  });
}
