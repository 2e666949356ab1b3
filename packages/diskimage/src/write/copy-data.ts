import type { DiskReader } from '../disk-reader.ts';
import { dataChunks } from './data-chunks.ts';
import type { OutputFile } from './output-file.ts';
import type { WriteOptions } from './write-options.ts';
import { dataAreas } from './zeros.ts';

/** The block of nearly every filesystem: smaller holes would save nothing. */
const holeSize = 4096;

/** Writes what is not zeros to the same places of a file. */
export async function copyData(disk: DiskReader, output: OutputFile, options: WriteOptions): Promise<void> {
  for await (const { position, bytes, release } of dataChunks(disk, { ...options, unit: holeSize })) {
    const writes: Promise<void>[] = [];
    const end = Math.min(bytes.length, disk.size - position);
    for (const [from, to] of dataAreas(bytes, holeSize))
      writes.push(output.write(bytes.subarray(from, Math.min(to, end)), position + from));
    void Promise.allSettled(writes).then(release);
    output.check();
  }
}
