import { composeDisk, type DiskPart } from '../compose-disk.ts';
import type { DiskReader } from '../disk-reader.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import { encodeBootSector, encodeInfoSector, fat32Sectors } from './boot-sector.ts';
import { ClusterChains } from './cluster-chains.ts';
import { ContentDisk } from './content-disk.ts';
import { encodeLongName, encodeShortEntry, fatAttributes } from './directory-entries.ts';
import { entryLength, type FatGeometry, fatGeometry, fatSector } from './fat-geometry.ts';
import type { FatOptions } from './fat-options.ts';
import {
  attributesOf,
  type FatDirectory,
  type FatFile,
  fatTree,
  type Listed,
  listDirectory,
  listedLength,
} from './fat-tree.ts';

/**
 * A FAT16 or FAT32 filesystem with the files of a tree, as a disk. Files are read when the disk is; they must not change
 * until then. Modes, owners, links' counts and extended attributes have no place in FAT and are left out. Names may be of any
 * script (VFAT); files and directories lie in one piece, in the order of their names.
 * @throws RangeError when options cannot be; DiskImageError when the tree does not fit, or cannot be in a FAT filesystem
 */
export function fatDisk(entries: Iterable<TreeEntry>, options: FatOptions): DiskReader {
  const { clampMtime = Number.POSITIVE_INFINITY, hiddenSectors = 0 } = options;
  const time = Math.min(options.time ?? 0, clampMtime);
  const geometry = fatGeometry(options);
  if (!Number.isInteger(options.volumeId) || options.volumeId < 0 || options.volumeId > 0xffffffff)
    throw new RangeError(`${options.volumeId} is no serial number of 32 bits`);
  const label = options.label === undefined ? undefined : encodeLabel(options.label);
  const fields = { volumeId: options.volumeId, label: label ?? 'NO NAME    ', hiddenSectors };
  const layout = new Layout(geometry);
  layout.addRoot(fatTree(entries, time, clampMtime), label, time);
  return composeDisk(options.size, [...headParts(geometry, layout.chains, fields), ...layout.parts]);
}

function encodeLabel(label: string): string {
  if (!/^[A-Z0-9!#$%&'()@^_`{}~ -]{1,11}$/i.test(label) || label.startsWith(' '))
    throw new RangeError(`"${label}" cannot be the label of a FAT filesystem`);
  return label.toUpperCase().padEnd(11);
}

/** Boot sector and tables. */
function headParts(
  geometry: FatGeometry,
  chains: ClusterChains,
  fields: { readonly volumeId: number; readonly label: string; readonly hiddenSectors: number },
): DiskPart[] {
  const { reservedSectors, tableSectors, kind } = geometry;
  const boot = encodeBootSector(geometry, fields);
  const table = chains.encode();
  const parts: DiskPart[] = [0, 1].map((copy) => ({
    position: (reservedSectors + copy * tableSectors) * fatSector,
    content: table,
  }));
  const info = encodeInfoSector(chains.freeClusters, chains.nextFree);
  const at = (sector: number, content: Uint8Array) => parts.push({ position: sector * fatSector, content });
  at(0, boot);
  if (kind === 'fat32') {
    at(fat32Sectors.info, info);
    at(fat32Sectors.backup, boot);
    at(fat32Sectors.backup + fat32Sectors.info, info);
  }
  return parts;
}

/** Gives directories and files their clusters. */
class Layout {
  readonly chains: ClusterChains;
  readonly parts: DiskPart[] = [];
  readonly #geometry: FatGeometry;

  constructor(geometry: FatGeometry) {
    this.#geometry = geometry;
    this.chains = new ClusterChains(geometry);
  }

  /** @param labelTime seconds since 1970 */
  addRoot(root: FatDirectory, label: string | undefined, labelTime: number): void {
    const { rootEntries, dataSector } = this.#geometry;
    const head =
      label === undefined
        ? []
        : [
            encodeShortEntry({
              short: label,
              attributes: fatAttributes.volumeLabel,
              firstCluster: 0,
              size: 0,
              mtime: labelTime,
            }),
          ];
    const listed = listDirectory(root);
    const length = head.length * entryLength + listedLength(listed);
    const own = rootEntries * entryLength;
    if (own === 0) {
      const cluster = this.chains.allocate(Math.max(length, 1));
      this.#place(this.chains.place(cluster), head, listed, 0);
      return;
    }
    if (length > own)
      throw new RangeError(`the root directory of a FAT16 filesystem has ${rootEntries} entries at most`);
    this.#place(dataSector * fatSector - own, head, listed, 0);
  }

  #addDirectory(directory: FatDirectory, parentCluster: number): number {
    const listed = listDirectory(directory);
    const cluster = this.chains.allocate(2 * entryLength + listedLength(listed));
    const dots = [
      { short: '.', firstCluster: cluster },
      { short: '..', firstCluster: parentCluster },
    ].map(({ short, firstCluster }) =>
      encodeShortEntry({
        short: short.padEnd(11),
        attributes: fatAttributes.directory,
        firstCluster,
        size: 0,
        mtime: directory.mtime,
      }),
    );
    this.#place(this.chains.place(cluster), dots, listed, cluster);
    return cluster;
  }

  /** @param cluster of the directory; the root's is 0 wherever it is referred to */
  #place(position: number, head: readonly Uint8Array[], listed: readonly Listed[], cluster: number): void {
    const pieces = [...head];
    for (const { child, short, longName } of listed) {
      const firstCluster =
        child.kind === 'directory' ? this.#addDirectory(child, cluster) : this.#addFile(child);
      if (longName !== undefined) pieces.push(encodeLongName(longName, short));
      pieces.push(
        encodeShortEntry({
          short,
          attributes: attributesOf(child),
          firstCluster,
          size: child.kind === 'file' ? child.size : 0,
          mtime: child.mtime,
        }),
      );
    }
    this.parts.push({ position, content: Buffer.concat(pieces) });
  }

  #addFile({ content, size }: FatFile): number {
    const cluster = this.chains.allocate(size);
    if (size > 0)
      this.parts.push({ position: this.chains.place(cluster), content: new ContentDisk(content, size) });
    return cluster;
  }
}
