export { crc32 } from './crc32.ts';
export {
  type DetectedFormat,
  detectFormat,
  detectFormatOf,
  headLength,
  tailLength,
} from './detect-format.ts';
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
  type ImageContent,
  readExt4,
} from './ext4/read-ext4.ts';
export { ext4SizeFor } from './ext4/size.ts';
export { writeExt4 } from './ext4/write-ext4.ts';
export { type ExternalFile, externalFiles } from './external-files.ts';
export {
  type GptLayout,
  type GptPartition,
  gptFirstUsableLba,
  gptLastUsableLba,
  gptTypes,
  sectorSize,
  writeGpt,
} from './gpt.ts';
export { setQcow2BackingFile } from './qcow2-backing.ts';
export { type Qcow2Header, readQcow2Header } from './qcow2-header.ts';
export { DiskImageError } from './read.ts';
export { type ScanOptions, scanDirectory } from './tree/scan-directory.ts';
export type { FileContent, HardLink, OpenContent, TreeEntry } from './tree/tree-entry.ts';
