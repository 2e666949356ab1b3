import type { DiskReader } from '../disk-reader.ts';
import { LeastRecentlyUsed } from '../least-recently-used.ts';
import { type DiskMap, mappedDisk } from '../mapped-disk.ts';
import { DiskImageError } from '../read.ts';
import { readBytes, readOrZeros, viewOf } from '../read-bytes.ts';
import { joinRuns, type PackedRun, type Run } from '../run.ts';
import { decompressCluster } from './decompress.ts';
import { type Qcow2Layout, readQcow2Layout, tablePlace } from './layout.ts';
import { tableRuns } from './table-runs.ts';

export interface OpenQcow2Options {
  /** Opens the file that the image stands on. Left out, such an image is refused. */
  readonly openBacking?: (name: string, format: string | undefined) => Promise<DiskReader>;
}

/**
 * Reads the disk in a qcow2 file of version 2 or 3 as it is now; internal snapshots are passed over. Closing the disk
 * closes `file` and what it stands on.
 * @throws DiskImageError when the file is damaged, encrypted, keeps its data elsewhere, or must not stand on others
 */
export async function openQcow2(file: DiskReader, options: OpenQcow2Options = {}): Promise<DiskReader> {
  const layout = await readQcow2Layout(file);
  const { backingFile, backingFormat } = layout.header;
  const map = new Qcow2Map(file, layout);
  if (backingFile === undefined) return mappedDisk(map, file);
  if (!options.openBacking)
    throw new DiskImageError(`the qcow2 file stands on another, "${backingFile}", which may not be read`);
  return mappedDisk(map, file, await options.openBacking(backingFile, backingFormat));
}

/** Bytes of second-level tables that are kept. */
const tableCache = 16 << 20;

class Qcow2Map implements DiskMap {
  readonly size: number;
  readonly packedSize: number;
  readonly #file: DiskReader;
  readonly #layout: Qcow2Layout;
  readonly #tables: LeastRecentlyUsed<number, DataView>;

  constructor(file: DiskReader, layout: Qcow2Layout) {
    this.size = layout.header.virtualSize;
    this.packedSize = layout.clusterSize;
    this.#file = file;
    this.#layout = layout;
    this.#tables = new LeastRecentlyUsed(Math.max(4, tableCache / layout.clusterSize));
  }

  async *runs(from: number, to: number): AsyncGenerator<Run> {
    const { tableReach, firstLevel } = this.#layout;
    for (let at = from; at < to; ) {
      const index = Math.floor(at / tableReach);
      const base = index * tableReach;
      const end = Math.min(base + tableReach, to);
      const place = tablePlace(firstLevel, index);
      if (place === 0) {
        yield { kind: 'backing', start: at, length: end - at };
      } else {
        const table = await this.#table(place);
        for (const run of joinRuns(tableRuns(table, this.#layout, this.#file.size, at - base, end - base)))
          if (base + run.start + run.length > at && base + run.start < end)
            yield { ...run, start: base + run.start };
      }
      at = end;
    }
  }

  async unpack({ place, stored }: PackedRun): Promise<Uint8Array> {
    const bytes = await readBytes(this.#file, place, stored!);
    return decompressCluster(bytes, this.#layout.clusterSize, this.#layout.compression);
  }

  #table(place: number): Promise<DataView> {
    return this.#tables.get(place, async () => {
      const bytes = new Uint8Array(this.#layout.clusterSize);
      await readOrZeros(this.#file, bytes, place);
      return viewOf(bytes);
    });
  }
}
