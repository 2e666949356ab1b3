import type { OutputFile } from '../write/output-file.ts';
import type { ClusterAllocator } from './cluster-allocator.ts';

/** Bit 63 of an entry: nothing else refers to what it points at. */
const onlyReference = 0x80000000;

/**
 * The two levels of tables of a new file. Clusters must come in the order of the disk: each second-level table gets
 * its place when its first entry comes, and is written when that of the next one does.
 */
export class TableWriter {
  readonly firstLevel: Uint8Array;
  readonly #first: DataView;
  readonly #output: OutputFile;
  readonly #allocator: ClusterAllocator;
  readonly #entries: number;
  #index = -1;
  #place = 0;
  #second: DataView;

  /** @param tables how many second-level tables the disk's size takes */
  constructor(output: OutputFile, allocator: ClusterAllocator, tables: number) {
    this.#output = output;
    this.#allocator = allocator;
    this.#entries = allocator.clusterSize / 8;
    this.firstLevel = new Uint8Array(tables * 8);
    this.#first = new DataView(this.firstLevel.buffer);
    this.#second = new DataView(new ArrayBuffer(allocator.clusterSize));
  }

  /** How many clusters from this one on are in the same table. */
  reach(cluster: number): number {
    return this.#entries - (cluster % this.#entries);
  }

  /** Makes sure that the table for this cluster has its place before the clusters themselves get theirs. */
  async open(cluster: number): Promise<void> {
    const index = Math.floor(cluster / this.#entries);
    if (index === this.#index) return;
    await this.flush();
    this.#index = index;
    this.#place = this.#allocator.allocate(1);
    this.#set(this.#first, index, this.#place, onlyReference);
  }

  /** @param place of the first of `count` clusters that are next to each other */
  setData(cluster: number, count: number, place: number): void {
    for (let index = 0; index < count; index++)
      this.#set(
        this.#second,
        (cluster + index) % this.#entries,
        place + index * this.#allocator.clusterSize,
        onlyReference,
      );
  }

  setZero(cluster: number): void {
    this.#second.setUint32((cluster % this.#entries) * 8 + 4, 1);
  }

  setPacked(cluster: number, place: number, length: number): void {
    const furtherSectors = Math.floor((place + length - 1) / 512) - Math.floor(place / 512);
    const placeBits = 62 - (Math.log2(this.#allocator.clusterSize) - 8) - 32;
    this.#set(this.#second, cluster % this.#entries, place, 0x40000000 + furtherSectors * 2 ** placeBits);
  }

  #set(table: DataView, index: number, place: number, flags: number): void {
    table.setUint32(index * 8, Math.floor(place / 2 ** 32) + flags);
    table.setUint32(index * 8 + 4, place % 2 ** 32);
  }

  async flush(): Promise<void> {
    if (this.#index < 0) return;
    await this.#output.write(new Uint8Array(this.#second.buffer), this.#place);
    this.#second = new DataView(new ArrayBuffer(this.#allocator.clusterSize));
    this.#index = -1;
  }
}
