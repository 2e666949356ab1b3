export { backingWithin } from './backing-within.ts';
export { bytesDisk } from './bytes-disk.ts';
export { composeDisk, type DiskPart } from './compose-disk.ts';
export { crc32 } from './crc32.ts';
export {
  type DetectedFormat,
  detectFormat,
  detectFormatOf,
  headLength,
  tailLength,
} from './detect-format.ts';
export type { ByteRange, DiskReader } from './disk-reader.ts';
export { type BlockTarget, fileTarget } from './ext4/block-target.ts';
export { FilesystemFullError } from './ext4/filesystem-full.ts';
export type { Ext4Layout, Extent, FileLayout } from './ext4/layout.ts';
export { layoutFromJson, layoutToJson } from './ext4/layout-json.ts';
export type { Ext4Options, Ext4Result } from './ext4/options.ts';
export {
  type Ext4Filesystem,
  type Ext4Info,
  type Ext4Name,
  type Ext4Stat,
  readExt4,
} from './ext4/read-ext4.ts';
export type { ImageContent } from './ext4/reader/file-content.ts';
export { ext4SizeFor, type SizeWish } from './ext4/size.ts';
export { writeExt4 } from './ext4/write-ext4.ts';
export { type ExternalFile, externalFiles } from './external-files.ts';
export { fatDisk } from './fat/fat-disk.ts';
export type { FatOptions } from './fat/fat-options.ts';
export {
  type FatFilesystem,
  type FatInfo,
  type FatName,
  type FatStat,
  readFat,
} from './fat/read-fat.ts';
export {
  type GptLayout,
  type GptOptions,
  type GptPartition,
  gptFirstUsableLba,
  gptLastUsableLba,
  gptParts,
  gptTypes,
  sectorSize,
  writeGpt,
} from './gpt.ts';
export type { HybridPartition } from './mbr.ts';
export {
  type BackingReference,
  type OpenBacking,
  type OpenDiskOptions,
  openDisk,
  type ReadableFormat,
} from './open-disk.ts';
export type { OvaController, OvaSystem, OvaWriteOptions } from './ova/write-options.ts';
export { writeOva } from './ova/write-ova.ts';
export { type Partition, type PartitionTable, partitionDisk, readPartitions } from './partition-table.ts';
export { type OpenQcow2Options, openQcow2 } from './qcow2/qcow2-reader.ts';
export type { Qcow2Backing, Qcow2WriteCompression, Qcow2WriteOptions } from './qcow2/write-options.ts';
export { writeQcow2 } from './qcow2/write-qcow2.ts';
export { setQcow2BackingFile } from './qcow2-backing.ts';
export { type Qcow2Header, readQcow2Header } from './qcow2-header.ts';
export { openRaw } from './raw/raw-reader.ts';
export { writeRaw } from './raw/write-raw.ts';
export { DiskImageError } from './read.ts';
export { subDisk } from './sub-disk.ts';
export { isTreeXattr, type ScanOptions, scanDirectory } from './tree/scan-directory.ts';
export type { FileContent, HardLink, OpenContent, TreeEntry } from './tree/tree-entry.ts';
export { openVhd } from './vhd/vhd-reader.ts';
export type { VhdWriteOptions } from './vhd/write-options.ts';
export { writeVhd } from './vhd/write-vhd.ts';
export { openVmdk } from './vmdk/vmdk-reader.ts';
export type { VmdkAdapter, VmdkWriteOptions } from './vmdk/write-options.ts';
export { writeVmdk } from './vmdk/write-vmdk.ts';
export type { WriteOptions, WrittenDisk } from './write/write-options.ts';
