import { chmod, mkdir, open, rename, rm, symlink, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readQcow2Header, setQcow2BackingFile } from '@kiln/diskimage';
import { isSystemError } from '../../base/errors.ts';
import { digestFile, exists, syncFolder, temporaryName } from '../../base/files.ts';
import { removeTree } from '../../base/user-namespace.ts';
import { layerFile, storeLayout } from '../home.ts';
import { addToPin, type PinOwner } from '../pins.ts';
import { withStoreLock } from '../store-lock.ts';
import {
  baseName,
  type CheckpointFiles,
  checkpointFiles,
  diskPath,
  identityOf,
  makeCheckpointFolders,
  memoryPath,
  recordPath,
  treePath,
} from './checkpoint-files.ts';
import type { BlobFacts, CheckpointRecord } from './checkpoint-record.ts';
import type { PackedMemory } from './memory-pack.ts';
import { digestsOf, pathOfBlob, readRecord, writeRecord } from './record-files.ts';
import { digestTreeLayer, placeTreeLayer, treeLayerBytes } from './tree-layers.ts';

/** A layer that a machine has stopped writing to, on its way into the store. */
export interface FrozenDisk {
  /** The file; it is moved. A machine that has it open as a lower layer goes on reading it. */
  readonly path: string;
  /** Layers below it, top first; for the lowest an empty list. */
  readonly below: readonly string[];
}

/** A checkpoint without what the store finds out by itself. */
export type NewCheckpoint = Omit<CheckpointRecord, 'schema' | 'createdAt' | 'disks' | 'files' | 'memory'> & {
  readonly disks: readonly (readonly string[])[];
  readonly memory?: { readonly packed: PackedMemory; readonly path: string; readonly size: number };
};

/** Keeps states of builds, and finds them again by their keys. Safe beside other commands that do the same. */
export class CheckpointStore {
  readonly home: string;
  readonly files: CheckpointFiles;
  readonly #owner: PinOwner | undefined;

  /**
   * @param owner whose need protects what is found and added from being pruned, such as a running command; without one
   *   this only looks
   */
  constructor(home: string, owner: PinOwner | undefined) {
    this.home = home;
    this.files = checkpointFiles(storeLayout(home));
    this.#owner = owner;
  }

  /** Makes the source image reachable for the layers that stand on it, wherever it lies now. */
  async linkBase(digest: string, path: string): Promise<void> {
    const { layers } = storeLayout(this.home);
    await makeCheckpointFolders(storeLayout(this.home));
    await this.#link(join(this.files.bases, digest), path);
    // Layers of images name those below them as neighbours, and QEMU looks for these beside the link.
    for (let layer = path; dirname(layer) === layers; ) {
      const { backingFile } = await readQcow2Header(layer);
      if (backingFile === undefined || backingFile !== basename(backingFile)) break;
      layer = join(layers, backingFile);
      await this.#link(join(this.files.bases, backingFile), layer);
    }
  }

  async #link(link: string, path: string): Promise<void> {
    const fresh = temporaryName(link);
    await symlink(path, fresh);
    await rename(fresh, link);
  }

  /**
   * The checkpoint with this key, all of its files whole, and kept from now on until the owner has ended. One whose
   * files are missing or changed is removed, and not found.
   */
  async find(key: string): Promise<CheckpointRecord | undefined> {
    const record = await readRecord(this.files, key);
    // First the claim, then the look: what is whole after it stays whole.
    if (record) await this.#claim(digestsOf(record));
    const whole = record && (await this.#whole(record));
    if (!this.#owner) return whole;
    if (!whole) {
      await rm(recordPath(this.files, key), { force: true });
      return undefined;
    }
    const now = new Date();
    // A home that was copied has other inodes: its files are read over once, and known from then on.
    if (whole !== record) await writeRecord(this.files, whole);
    else await utimes(recordPath(this.files, key), now, now).catch(ignoreMissing);
    return whole;
  }

  /** Whether there is a record of this key, without a look at its files. */
  async has(key: string): Promise<boolean> {
    return exists(recordPath(this.files, key));
  }

  /** What the record of this key says, without a look at its files. */
  async peek(key: string): Promise<CheckpointRecord | undefined> {
    return readRecord(this.files, key);
  }

  /**
   * Takes a layer into the store: names what it stands on, and moves it to where its digest says.
   * @param base digest of the source image under the lowest layer
   * @returns its digest
   */
  async addDisk(disk: FrozenDisk, base: string | undefined): Promise<string> {
    const files = await makeCheckpointFolders(storeLayout(this.home));
    const below = disk.below[0];
    const name = below === undefined ? base && baseName(base) : layerFile(below);
    if (name) await setQcow2BackingFile(disk.path, name);
    const digest = await sealFile(disk.path);
    await this.#place(disk.path, diskPath(files, digest), digest);
    return digest;
  }

  /**
   * Takes the layer of a tree into the store: it is moved there, unless the store has the same already. Nobody may
   * write to it any more.
   * @returns its digest
   */
  async addTree(folder: string): Promise<string> {
    const files = await makeCheckpointFolders(storeLayout(this.home));
    const digest = await digestTreeLayer(folder);
    const place = join(files.trees, digest);
    const fresh = temporaryName(place);
    await mkdir(fresh, { mode: 0o700 });
    await placeTreeLayer(folder, fresh);
    await withStoreLock(this.home, async (layout) => {
      if (this.#owner) await addToPin(layout, this.#owner, { layers: [digest] });
      try {
        await rename(fresh, place);
      } catch (error) {
        if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw error;
        // The same content is there already, from a build beside this one or before it. Ours may be in use: it stays.
        await rename(join(fresh, 'fs'), folder);
        await removeTree(fresh);
      }
    });
    await syncFolder(files.trees);
    return digest;
  }

  /** Takes a record into the store, with its packed memory. Its layers are there already. */
  async add({ memory, ...checkpoint }: NewCheckpoint): Promise<CheckpointRecord> {
    const files = await makeCheckpointFolders(storeLayout(this.home));
    if (memory) {
      await sealFile(memory.path, memory.packed.digest);
      await this.#place(memory.path, memoryPath(files, memory.packed.digest), memory.packed.digest);
    }
    const facts: Record<string, BlobFacts> = {};
    for (const digest of checkpoint.trees ?? []) facts[digest] = await treeFacts(files, digest);
    for (const digest of checkpoint.disks.flat()) facts[digest] = await factsOf(diskPath(files, digest));
    if (memory) facts[memory.packed.digest] = await factsOf(memoryPath(files, memory.packed.digest));
    const record: CheckpointRecord = {
      schema: 1,
      createdAt: new Date().toISOString(),
      ...checkpoint,
      ...(memory && { memory: { digest: memory.packed.digest, size: memory.size } }),
      files: facts,
    };
    await writeRecord(files, record);
    return record;
  }

  /** Gives a state that was found another key: a step that did nothing to the machine has come after it. */
  async addAgain(record: CheckpointRecord, key: string, step: string): Promise<CheckpointRecord> {
    const { failedStep: _failedStep, ...rest } = record;
    const again: CheckpointRecord = { ...rest, key, step, createdAt: new Date().toISOString() };
    await writeRecord(await makeCheckpointFolders(storeLayout(this.home)), again);
    return again;
  }

  /** Forgets a state; its files go with the next prune, when nothing else needs them. */
  async remove(key: string): Promise<void> {
    await rm(recordPath(this.files, key), { force: true });
  }

  treePath(digest: string): string {
    return treePath(this.files, digest);
  }

  diskPath(digest: string): string {
    return diskPath(this.files, digest);
  }

  memoryPath(digest: string): string {
    return memoryPath(this.files, digest);
  }

  async #place(from: string, to: string, digest: string): Promise<void> {
    await withStoreLock(this.home, async (layout) => {
      if (this.#owner) await addToPin(layout, this.#owner, { layers: [digest] });
      // The same content may be there already, from a build beside this one; a damaged one is replaced as well.
      await rename(from, to);
    });
    await syncFolder(join(to, '..'));
  }

  async #claim(layers: readonly string[]): Promise<void> {
    const owner = this.#owner;
    if (owner) await withStoreLock(this.home, (layout) => addToPin(layout, owner, { layers }));
  }

  /** The record, with new facts when files are the same and only look changed; undefined when something is missing. */
  async #whole(record: CheckpointRecord): Promise<CheckpointRecord | undefined> {
    if (record.base !== undefined && !(await exists(join(this.files.bases, record.base)))) return undefined;
    const changed: Record<string, BlobFacts> = {};
    for (const digest of digestsOf(record)) {
      const path = pathOfBlob(this.files, record, digest);
      const isTree = record.trees?.includes(digest) === true;
      try {
        const facts = isTree ? await treeFacts(this.files, digest) : await factsOf(path);
        if (facts.identity === record.files[digest]?.identity) continue;
        if ((isTree ? await digestTreeLayer(path) : await digestFile(path)) !== digest) return undefined;
        changed[digest] = facts;
      } catch (error) {
        if (isSystemError(error, 'ENOENT')) return undefined;
        throw error;
      }
    }
    return Object.keys(changed).length > 0 ? { ...record, files: { ...record.files, ...changed } } : record;
  }
}

async function treeFacts(files: CheckpointFiles, digest: string): Promise<BlobFacts> {
  const path = treePath(files, digest);
  return { identity: await identityOf(path), bytes: await treeLayerBytes(join(path, '..')) };
}

async function factsOf(path: string): Promise<BlobFacts> {
  const identity = await identityOf(path);
  return { identity, bytes: Number(identity.split(' ')[2]) };
}

/** Brings a finished file onto the disk and makes it read-only. */
async function sealFile(path: string, digest?: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  const found = digest ?? (await digestFile(path));
  await chmod(path, 0o400);
  return found;
}

function ignoreMissing(error: unknown): void {
  if (!isSystemError(error, 'ENOENT')) throw error;
}
