import { createHash } from 'node:crypto';
import type { DiskReader } from '../disk-reader.ts';
import { prepareStream } from '../vmdk/write-stream.ts';
import { type OutputFile, writeNewFile } from '../write/output-file.ts';
import { SequentialWriter } from '../write/sequential-writer.ts';
import type { WrittenDisk } from '../write/write-options.ts';
import { ovfDocument } from './ovf-document.ts';
import { padded, tarBlock, tarEnd, ustarHeader } from './ustar.ts';
import type { OvaController, OvaWriteOptions } from './write-options.ts';

/** Words for what a disk in a VMDK file hangs on are fewer. */
const adapters = {
  lsilogic: 'lsilogic',
  pvscsi: 'pvscsi',
  sata: 'lsilogic',
  ide: 'ide',
} as const satisfies Record<OvaController, string>;

/**
 * Writes a disk as an appliance to a new OVA file: a tar archive of the description (OVF), the manifest with SHA-256 of
 * both others, and the disk as VMDK of the kind streamOptimized.
 * @throws DiskImageError when the disk cannot be read; RangeError for options that cannot be; Node's own errors when the
 * file cannot be written or is there
 */
export async function writeOva(
  disk: DiskReader,
  path: string,
  options: OvaWriteOptions,
): Promise<WrittenDisk> {
  const { name, controller = 'lsilogic', uuid, level, signal, onProgress } = options;
  checkOptions(options);
  const fileName = `${name}-disk1.vmdk`;
  const stream = prepareStream(disk, {
    name: fileName,
    uuid,
    adapter: adapters[controller],
    ...(level !== undefined && { level }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const description = (fileSize: number, populated: number) =>
    ovfDocument(options, { fileName, fileSize, capacity: stream.capacity, populated });
  // The description comes first, but tells sizes that only the disk's end gives: it gets the room of the largest.
  const room = Buffer.byteLength(description(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
  const manifest = (ovfHash: string, diskHash: string) =>
    `SHA256(${name}.ovf)= ${ovfHash}\nSHA256(${fileName})= ${diskHash}\n`;
  const manifestSize = manifest('0'.repeat(64), '0'.repeat(64)).length;
  const diskPlace = 3 * tarBlock + padded(room) + padded(manifestSize);

  return writeNewFile(path, async (output) => {
    const writer = new SequentialWriter(output, diskPlace);
    const populated = await stream.writeTo(writer);
    const diskHash = await writer.finish();
    const ovf = fill(description(writer.length, populated), room);
    const ovfHash = createHash('sha256').update(ovf).digest('hex');
    const files = [
      { name: `${name}.ovf`, content: ovf },
      { name: `${name}.mf`, content: Buffer.from(manifest(ovfHash, diskHash), 'latin1') },
    ];
    let place = 0;
    for (const file of files) {
      await writeSmallFile(output, place, file, options.time);
      place += tarBlock + padded(file.content.length);
    }
    await output.write(ustarHeader(fileName, writer.length, options.time), place);
    const end = diskPlace + padded(writer.length);
    await output.write(tarEnd, end);
    return { virtualSize: stream.capacity, fileSize: end + tarEnd.length };
  });
}

async function writeSmallFile(
  output: OutputFile,
  place: number,
  { name, content }: { readonly name: string; readonly content: Uint8Array },
  time: number,
): Promise<void> {
  await output.write(ustarHeader(name, content.length, time), place);
  await output.write(content, place + tarBlock);
}

/** Blank lines behind the document's end are allowed. */
function fill(text: string, length: number): Uint8Array {
  const bytes = Buffer.alloc(length, '\n');
  bytes.write(text);
  return bytes;
}

function checkOptions({ name, cpus = 1, memory = 1024, time, networks = [] }: OvaWriteOptions): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/.test(name))
    throw new RangeError(
      `"${name}" cannot be the name of an appliance: up to 80 letters, digits, ".", "_" and "-"`,
    );
  if (!Number.isInteger(cpus) || cpus < 1) throw new RangeError(`a machine cannot have ${cpus} processors`);
  if (!Number.isInteger(memory) || memory < 1)
    throw new RangeError(`a machine cannot have ${memory} MiB of memory`);
  if (networks.some((network) => network === '')) throw new RangeError('a network needs a name');
  ustarHeader('', 0, time);
}
