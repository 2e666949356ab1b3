import type { DiskReader } from '../disk-reader.ts';
import { compressUnits } from '../write/compress-units.ts';
import { deflateWith } from '../write/compression.ts';
import { Compressor } from '../write/compressor.ts';
import { dataChunks } from '../write/data-chunks.ts';
import type { SequentialWriter } from '../write/sequential-writer.ts';
import { isZero } from '../write/zeros.ts';
import { encodeDescriptor } from './descriptor.ts';
import { grainHeadSize } from './grain-map.ts';
import { directoryAtEnd, vmdkFlags, vmdkMarkers, vmdkSector } from './header.ts';
import type { VmdkWriteOptions } from './write-options.ts';

const grainSize = 64 << 10;
const entriesPerTable = 512;
const tableReach = grainSize * entriesPerTable;
const descriptorSectors = 20;
/** The first grain starts behind as many sectors as a grain has. */
const overheadSectors = grainSize / vmdkSector;
/** Places are 32 bits of sectors. */
const largestPlace = 2 ** 32 * vmdkSector;

export interface VmdkStream {
  /** Size of the disk in bytes. */
  readonly capacity: number;
  /** Writes everything. @returns bytes of the disk that hold data */
  writeTo(writer: SequentialWriter): Promise<number>;
}

/** Checks options before there is a file. @throws RangeError */
export function prepareStream(
  disk: DiskReader,
  { name, uuid, adapter = 'lsilogic', level = 6, ...options }: VmdkWriteOptions & { readonly name: string },
): VmdkStream {
  const capacity = Math.ceil(disk.size / vmdkSector) * vmdkSector;
  if (capacity > largestPlace) throw new RangeError(`a VMDK disk has 2 TiB at most, not ${capacity} bytes`);
  const descriptor = Buffer.alloc(descriptorSectors * vmdkSector);
  descriptor.write(encodeDescriptor({ name, capacity, uuid, adapter }));
  const compression = deflateWith(level, grainSize);
  return {
    capacity,
    async writeTo(writer) {
      await writer.write(encodeHeader(capacity, directoryAtEnd));
      await writer.write(descriptor);
      await writer.pad(overheadSectors * vmdkSector);
      const grains = new GrainWriter(writer, capacity);
      const chunks = dataChunks(disk, { ...options, unit: grainSize });
      await compressUnits(chunks, new Compressor(compression, grainSize), {
        wants: ({ bytes }, from, to) => (isZero(bytes, from, to) ? 'nothing' : 'compressed'),
        add: (position, _bytes, packed) => grains.add(position, packed!),
      });
      await grains.finish();
      return grains.count * grainSize;
    },
  };
}

/** Puts compressed grains, in the disk's order, and what leads to them into the stream. */
class GrainWriter {
  readonly #writer: SequentialWriter;
  readonly #capacity: number;
  readonly #directory: Buffer;
  readonly #table = Buffer.alloc(entriesPerTable * 4);
  #tableIndex = -1;
  count = 0;

  constructor(writer: SequentialWriter, capacity: number) {
    this.#writer = writer;
    this.#capacity = capacity;
    const size = Math.ceil(capacity / tableReach) * 4;
    this.#directory = Buffer.alloc(Math.ceil(size / vmdkSector) * vmdkSector);
  }

  async add(position: number, packed: Uint8Array): Promise<void> {
    const index = Math.floor(position / tableReach);
    if (index !== this.#tableIndex) await this.#finishTable();
    this.#tableIndex = index;
    this.#table.writeUInt32LE(this.#place(), ((position % tableReach) / grainSize) * 4);
    const head = Buffer.alloc(grainHeadSize);
    head.writeBigUInt64LE(BigInt(position / vmdkSector));
    head.writeUInt32LE(packed.length, 8);
    await this.#writer.write(head);
    await this.#writer.write(packed);
    await this.#writer.pad(vmdkSector);
    this.count++;
  }

  async finish(): Promise<void> {
    await this.#finishTable();
    await this.#marker(vmdkMarkers.grainDirectory, this.#directory.length / vmdkSector);
    const directoryPlace = this.#place();
    await this.#writer.write(this.#directory);
    await this.#marker(vmdkMarkers.footer, 1);
    await this.#writer.write(encodeHeader(this.#capacity, BigInt(directoryPlace)));
    await this.#marker(vmdkMarkers.endOfStream, 0);
  }

  async #finishTable(): Promise<void> {
    if (this.#tableIndex < 0) return;
    await this.#marker(vmdkMarkers.grainTable, this.#table.length / vmdkSector);
    this.#directory.writeUInt32LE(this.#place(), this.#tableIndex * 4);
    await this.#writer.write(this.#table);
    this.#table.fill(0);
    this.#tableIndex = -1;
  }

  async #marker(type: number, sectors: number): Promise<void> {
    const marker = Buffer.alloc(vmdkSector);
    marker.writeBigUInt64LE(BigInt(sectors));
    marker.writeUInt32LE(type, 12);
    await this.#writer.write(marker);
  }

  /** The next sector. @throws RangeError behind the last one that an entry can name */
  #place(): number {
    if (this.#writer.length >= largestPlace) throw new RangeError('a VMDK file has 2 TiB at most');
    return this.#writer.length / vmdkSector;
  }
}

/** `directoryPlace` counts sectors. */
function encodeHeader(capacity: number, directoryPlace: bigint): Uint8Array {
  const bytes = Buffer.alloc(vmdkSector);
  bytes.write('KDMV', 0, 'latin1');
  // As VMware writes for this kind, whatever the specification's text says.
  bytes.writeUInt32LE(3, 4);
  bytes.writeUInt32LE(vmdkFlags.newLineTest | vmdkFlags.compressed | vmdkFlags.markers, 8);
  bytes.writeBigUInt64LE(BigInt(capacity / vmdkSector), 12);
  bytes.writeBigUInt64LE(BigInt(grainSize / vmdkSector), 20);
  bytes.writeBigUInt64LE(1n, 28);
  bytes.writeBigUInt64LE(BigInt(descriptorSectors), 36);
  bytes.writeUInt32LE(entriesPerTable, 44);
  bytes.writeBigUInt64LE(directoryPlace, 56);
  bytes.writeBigUInt64LE(BigInt(overheadSectors), 64);
  // Damaged by a transfer that takes it for text, these show it.
  bytes.write('\n \r\n', 73, 'latin1');
  bytes.writeUInt16LE(1, 77);
  return bytes;
}
