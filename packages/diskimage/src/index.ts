export { crc32 } from './crc32.ts';
export {
  type DetectedFormat,
  detectFormat,
  detectFormatOf,
  headLength,
  tailLength,
} from './detect-format.ts';
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
export type { FileContent, HardLink, OpenContent, TreeEntry } from './tree/tree-entry.ts';
