import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesDisk } from '../bytes-disk.ts';
import { composeDisk } from '../compose-disk.ts';
import type { DiskReader } from '../disk-reader.ts';
import { fatDisk } from '../fat/fat-disk.ts';
import { readFat } from '../fat/read-fat.ts';
import { gptLastUsableLba, gptParts, gptTypes } from '../gpt.ts';
import { readPartitions } from '../partition-table.ts';
import { openQcow2 } from '../qcow2/qcow2-reader.ts';
import { writeQcow2 } from '../qcow2/write-qcow2.ts';
import { DiskImageError } from '../read.ts';
import { openVhd } from '../vhd/vhd-reader.ts';
import { writeVhd } from '../vhd/write-vhd.ts';
import { openVmdk } from '../vmdk/vmdk-reader.ts';
import { writeVmdk } from '../vmdk/write-vmdk.ts';
import { randomDisk, seededRandom, writeReference } from './random-disk.ts';
import { missing, run } from './tools.ts';

export interface Victim {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Reads as much as whoever uses it would. */
  use(file: DiskReader): Promise<void>;
}

const uuid = '5b3c4f6e-0f0a-4d5e-8a33-9a1b2c3d4e5f';

/** A small whole file for every reader there is; those that only qemu-img makes where it is installed. */
export async function victims(): Promise<Victim[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-victims-'));
  const at = (name: string) => join(folder, name);
  const disk = randomDisk({ seed: 5, size: 300_000, areas: 6, largest: 30_000 });
  const found: Victim[] = [];
  const add = (name: string, use: Victim['use'], bytes: Uint8Array = readFileSync(at(name))) =>
    found.push({ name, bytes, use });
  const qcow2 = async (file: DiskReader) => useDisk(await openQcow2(file));
  const vmdk = async (file: DiskReader) => useDisk(await openVmdk(file));
  const vhd = async (file: DiskReader) => useDisk(await openVhd(file));
  try {
    await writeQcow2(disk.open(), at('plain'), { clusterSize: 512 });
    await writeQcow2(disk.open(), at('deflate'), { clusterSize: 4096, compression: { kind: 'deflate' } });
    await writeQcow2(disk.open(), at('zstd'), { clusterSize: 4096, compression: { kind: 'zstd' } });
    for (const name of ['plain', 'deflate', 'zstd']) add(name, qcow2);
    await writeVmdk(disk.open(), at('stream'), { uuid });
    add('stream', vmdk);
    for (const kind of ['fixed', 'dynamic'] as const) {
      await writeVhd(disk.open(), at(kind), { kind, uuid, time: 1e9 });
      add(kind, vhd);
    }
    if (!missing('qemu-img')) {
      writeReference(disk, at('reference'));
      const convert = (name: string, ...args: readonly string[]) =>
        run(folder, 'qemu-img', 'convert', '-f', 'raw', ...args, 'reference', name);
      convert('extended', '-O', 'qcow2', '-o', 'extended_l2=on,cluster_size=16k');
      add('extended', qcow2);
      convert('sparse', '-O', 'vmdk');
      add('sparse', vmdk);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  add('gpt', usePartitions, await allOf(partitionedDisk()));
  add('fat', useFat, await allOf(fatDisk(someFiles(), { size: 3 << 20, volumeId: 1, label: 'X' })));
  return found;
}

function partitionedDisk(): DiskReader {
  const diskSize = 2 << 20;
  const partition = { typeGuid: gptTypes.efiSystem, uniqueGuid: uuid, name: 'efi', firstLba: 2048 };
  const partitions = [{ ...partition, lastLba: gptLastUsableLba(diskSize) }];
  return composeDisk(diskSize, gptParts({ diskGuid: uuid, diskSize, partitions }));
}

function* someFiles() {
  for (let index = 0; index < 40; index++) {
    const data = Buffer.alloc(index * 500, `${index} `);
    const open = () => ({ read: (into: Uint8Array, from: number) => data.copy(into, 0, from), close() {} });
    const path = `${index % 5}/a file with a name ${index}`;
    const owner = { mode: 0o644, uid: 0, gid: 0, mtime: 1e9 };
    yield { kind: 'file', path, ...owner, size: data.length, content: { open } } as const;
  }
}

async function allOf(disk: DiskReader): Promise<Uint8Array> {
  const bytes = new Uint8Array(disk.size);
  await disk.read(bytes, 0);
  return bytes;
}

async function useDisk(disk: DiskReader): Promise<void> {
  const piece = 1 << 20;
  // A damaged size may be anything; a user would stop somewhere too.
  for (const position of [0, Math.floor(disk.size / 2), Math.max(0, disk.size - piece)])
    await disk.read(new Uint8Array(Math.min(piece, disk.size - position)), position);
  let count = 0;
  for await (const { start, length } of disk.dataRanges()) {
    assert.ok(start >= 0 && length > 0 && start + length <= disk.size);
    if (++count === 10_000) break;
  }
  await disk.close();
}

async function usePartitions(disk: DiskReader): Promise<void> {
  const table = await readPartitions(disk);
  for (const { start, length } of table?.partitions ?? [])
    assert.ok(start >= 0 && length > 0 && start + length <= disk.size);
}

async function useFat(disk: DiskReader): Promise<void> {
  const filesystem = await readFat(disk);
  for await (const entry of filesystem.entries())
    if (entry.kind === 'file') await filesystem.readFile(entry.path, { limit: 1 << 20 });
}

/** Some bytes changed, mostly where headers and tables are, or the end cut off. The seed decides. */
export function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  // Not slice(), which shares the memory of a Buffer.
  const copy = new Uint8Array(bytes);
  if (upTo(10) === 0) return copy.subarray(0, upTo(bytes.length));
  for (let count = 1 + upTo(6); count > 0; count--) {
    const near = [256, 4096, bytes.length][upTo(3)]!;
    const place =
      upTo(2) === 0
        ? upTo(Math.min(near, bytes.length))
        : bytes.length - 1 - upTo(Math.min(near, bytes.length));
    if (upTo(2) === 0) copy[place]! ^= 1 << upTo(8);
    else copy[place] = [0, 0xff, 0x80, upTo(256)][upTo(4)]!;
  }
  return copy;
}

/** Uses damaged files: each is read, or refused with a DiskImageError, and soon. @returns how many were refused */
export async function useDamaged(victim: Victim, seeds: Iterable<number>): Promise<number> {
  let refused = 0;
  for (const seed of seeds) {
    const started = performance.now();
    try {
      await victim.use(bytesDisk(damaged(victim.bytes, seed)));
    } catch (error) {
      if (!(error instanceof DiskImageError))
        throw new Error(`${victim.name}, damaged with seed ${seed}`, { cause: error });
      refused++;
    }
    // Far above what a busy machine takes: only for what does not come to an end.
    assert.ok(
      performance.now() - started < 30_000,
      `${victim.name}, damaged with seed ${seed}, takes too long`,
    );
  }
  return refused;
}
