import { DiskImageError } from '../read.ts';
import { firstCluster } from './boot-sector.ts';
import { type FatGeometry, fatSector } from './fat-geometry.ts';

/** Gives out clusters in order and makes the file allocation table of them. Every chain lies in one piece. */
export class ClusterChains {
  readonly #geometry: FatGeometry;
  /** Last clusters of the chains. */
  readonly #ends: number[] = [];
  #next = firstCluster;

  constructor(geometry: FatGeometry) {
    this.#geometry = geometry;
  }

  get clusterSize(): number {
    return this.#geometry.sectorsPerCluster * fatSector;
  }

  get nextFree(): number {
    return this.#next;
  }

  get freeClusters(): number {
    return this.#geometry.clusters + firstCluster - this.#next;
  }

  /** @returns number of the first cluster, 0 for no bytes @throws DiskImageError when there are not enough clusters */
  allocate(bytes: number): number {
    const count = Math.ceil(bytes / this.clusterSize);
    if (count === 0) return 0;
    if (count > this.freeClusters) {
      const size = this.#geometry.totalSectors * fatSector;
      throw new DiskImageError(`the files do not fit into the FAT filesystem of ${size} bytes`);
    }
    const first = this.#next;
    this.#next += count;
    this.#ends.push(this.#next - 1);
    return first;
  }

  /** Where a cluster is in the filesystem. Bytes. */
  place(cluster: number): number {
    const { dataSector, sectorsPerCluster } = this.#geometry;
    return (dataSector + (cluster - firstCluster) * sectorsPerCluster) * fatSector;
  }

  /** The table as it is stored, up to the last cluster in use. */
  encode(): Uint8Array {
    const is16 = this.#geometry.kind === 'fat16';
    const end = is16 ? 0xffff : 0x0fffffff;
    const bytes = Buffer.alloc(this.#next * (is16 ? 2 : 4));
    const set = (cluster: number, value: number) =>
      is16 ? bytes.writeUInt16LE(value, cluster * 2) : bytes.writeUInt32LE(value, cluster * 4);
    // Two entries stand for no cluster: the medium's kind, and that all is well.
    set(0, end - 7);
    set(1, end);
    for (let cluster = firstCluster; cluster < this.#next; cluster++) set(cluster, cluster + 1);
    for (const last of this.#ends) set(last, end);
    return bytes;
  }
}
