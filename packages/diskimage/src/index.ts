export { crc32 } from './crc32.ts';
export {
  type GptLayout,
  type GptPartition,
  gptFirstUsableLba,
  gptLastUsableLba,
  gptTypes,
  sectorSize,
  writeGpt,
} from './gpt.ts';
