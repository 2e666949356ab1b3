import assert from 'node:assert/strict';
import type { ByteRange, DiskReader } from '../disk-reader.ts';
import { type RandomDisk, seededRandom } from './random-disk.ts';

/**
 * A reader gives what the disk holds: all of it in large pieces, small pieces at odd places, and nothing but zeros outside of
 * what it calls data. `reader` may be longer, by zeros.
 */
export async function assertSameDisk(reader: DiskReader, disk: RandomDisk, what: string): Promise<void> {
  const expected = Buffer.alloc(reader.size);
  for (const { position, content } of disk.parts) expected.set(content, position);
  assert.ok(reader.size >= disk.size, what);
  const all = new Uint8Array(reader.size).fill(0xaa);
  await reader.read(all, 0);
  assertEqual(all, expected, what);
  const random = seededRandom(reader.size);
  for (let count = 0; count < 60; count++) {
    const position = Math.floor(random() * reader.size);
    const piece = new Uint8Array(Math.min(Math.floor(random() * 70_000), reader.size - position)).fill(0xaa);
    await reader.read(piece, position);
    assertEqual(piece, expected.subarray(position, position + piece.length), `${what} from ${position}`);
  }
  await assertRanges(reader, expected, what);
}

/** In order, apart from each other, within the disk, and around all that is not zero. */
async function assertRanges(reader: DiskReader, expected: Buffer, what: string): Promise<void> {
  let end = 0;
  const holes: ByteRange[] = [];
  for await (const { start, length } of reader.dataRanges()) {
    assert.ok(start >= end && length > 0, `${what}: range ${start}+${length} behind ${end}`);
    holes.push({ start: end, length: start - end });
    end = start + length;
  }
  assert.ok(end <= reader.size, `${what}: a range ends at ${end}`);
  holes.push({ start: end, length: reader.size - end });
  for (const { start, length } of holes)
    assert.ok(
      Buffer.alloc(length).equals(expected.subarray(start, start + length)),
      `${what}: data in a hole from ${start} to ${start + length}`,
    );
}

/** assert.deepEqual of megabytes takes minutes to say no. */
function assertEqual(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const at = actual.findIndex((byte, index) => byte !== expected[index]);
  assert.fail(`${what}: byte ${at} is ${actual[at]}, not ${expected[at]}`);
}
