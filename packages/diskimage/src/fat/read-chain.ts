import type { DiskReader } from '../disk-reader.ts';
import { LeastRecentlyUsed } from '../least-recently-used.ts';
import { DiskImageError } from '../read.ts';
import { readBytes, viewOf } from '../read-bytes.ts';
import { firstCluster } from './boot-sector.ts';
import type { FatPlaces } from './read-boot-sector.ts';

/** Bytes of the disk that belong to a file, next to each other. */
export interface ChainPiece {
  /** In the file. */
  readonly start: number;
  readonly length: number;
  /** In the filesystem. */
  readonly place: number;
}

/** A multiple of three, so that no entry of FAT12 lies across two pages. */
const pageSize = 48 << 10;

/** Follows chains of clusters through the allocation table. */
export class ChainReader {
  readonly #disk: DiskReader;
  readonly #places: FatPlaces;
  readonly #pages = new LeastRecentlyUsed<number, DataView>(64);

  constructor(disk: DiskReader, places: FatPlaces) {
    this.#disk = disk;
    this.#places = places;
  }

  /**
   * The pieces of a chain, up to `length` bytes of it.
   * @throws DiskImageError when it leads out of the filesystem, does not come to an end, or ends before `least` bytes
   */
  async pieces(first: number, length: number, least: number): Promise<ChainPiece[]> {
    const { clusterSize, clusters, dataPlace } = this.#places;
    const pieces: { start: number; length: number; place: number }[] = [];
    let start = 0;
    for (let cluster = first; start < length; start += clusterSize) {
      if (this.#isEnd(cluster) || (cluster === 0 && start === 0)) break;
      if (cluster < firstCluster || cluster >= clusters + firstCluster)
        throw new DiskImageError('a chain of clusters leads out of the FAT filesystem');
      if (start > clusters * clusterSize)
        throw new DiskImageError('a chain of clusters in the FAT filesystem does not come to an end');
      const place = dataPlace + (cluster - firstCluster) * clusterSize;
      const last = pieces.at(-1);
      if (last && last.place + last.length === place) last.length += clusterSize;
      else pieces.push({ start, length: clusterSize, place });
      cluster = await this.#next(cluster);
    }
    if (start < least) throw new DiskImageError('a file in the FAT filesystem has fewer clusters than bytes');
    return pieces;
  }

  #isEnd(cluster: number): boolean {
    return cluster >= { fat12: 0xff8, fat16: 0xfff8, fat32: 0x0ffffff8 }[this.#places.kind];
  }

  async #next(cluster: number): Promise<number> {
    const { kind } = this.#places;
    const at = kind === 'fat12' ? cluster + (cluster >> 1) : cluster * (kind === 'fat16' ? 2 : 4);
    const page = await this.#page(Math.floor(at / pageSize));
    const offset = at % pageSize;
    if (kind === 'fat32') return page.getUint32(offset, true) & 0x0fffffff;
    const value = page.getUint16(offset, true);
    if (kind === 'fat16') return value;
    return cluster % 2 === 0 ? value & 0xfff : value >> 4;
  }

  #page(index: number): Promise<DataView> {
    const { tablePlace, tableSize } = this.#places;
    const start = index * pageSize;
    return this.#pages.get(index, async () =>
      viewOf(await readBytes(this.#disk, tablePlace + start, Math.min(pageSize, tableSize - start))),
    );
  }
}
