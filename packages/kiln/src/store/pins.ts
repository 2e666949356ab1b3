import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, readJsonIfExists, writeFileAtomically } from '../base/files.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from '../base/processes.ts';
import { listFolder } from './folders.ts';
import type { StoreLayout } from './home.ts';
import { isTemporaryName } from './temporary-names.ts';

/**
 * Who needs something of the store: a machine or a running command (by the id of its folder), a process that is about
 * to make an image out of layers it has just added, or disks that a failed build has left in a folder for its user.
 */
export type PinOwner =
  | { readonly kind: 'machine' | 'run' | 'process'; readonly id: string }
  | { readonly kind: 'kept'; readonly id: string; readonly folder: string };

/** An owner in words: `machine 3f2a91c0`. */
export function describeOwner(owner: PinOwner): string {
  return owner.kind === 'kept' ? `the disks in ${owner.folder}` : `${owner.kind} ${owner.id}`;
}

/** `pins/<kind>-<id>.json`. */
export interface Pin {
  readonly schema: 1;
  readonly owner: PinOwner;
  /** Who wrote it. */
  readonly process: ProcessIdentity;
  readonly images: readonly { readonly id: string; readonly layers: readonly string[] }[];
  readonly layers: readonly string[];
  /** Files under `downloads/`, by name. */
  readonly downloads: readonly string[];
}

export type PinAddition = Partial<Pick<Pin, 'images' | 'layers' | 'downloads'>>;

/** The owner that stands for this process. */
export function thisProcess(): PinOwner {
  const { pid, started } = ownIdentity();
  return { kind: 'process', id: `${pid}-${started}` };
}

/** Adds to what an owner needs. To be called under the store's lock. */
export async function addToPin(layout: StoreLayout, owner: PinOwner, addition: PinAddition): Promise<void> {
  const path = pinPath(layout, owner);
  const before = (await readJsonIfExists(path)) as Pin | undefined;
  const images = new Map([...(before?.images ?? []), ...(addition.images ?? [])].map((one) => [one.id, one]));
  const pin: Pin = {
    schema: 1,
    owner,
    process: ownIdentity(),
    images: [...images.values()],
    layers: [...new Set([...(before?.layers ?? []), ...(addition.layers ?? [])])],
    downloads: [...new Set([...(before?.downloads ?? []), ...(addition.downloads ?? [])])],
  };
  await writeFileAtomically(path, `${JSON.stringify(pin, null, 2)}\n`);
}

/** Takes away this process's claim on layers that an image with a name now holds. */
export async function dropClaim(layout: StoreLayout, layers: readonly string[]): Promise<void> {
  const path = pinPath(layout, thisProcess());
  const pin = (await readJsonIfExists(path)) as Pin | undefined;
  if (!pin) return;
  const left = pin.layers.filter((digest) => !layers.includes(digest));
  if (left.length === 0 && pin.images.length === 0 && pin.downloads.length === 0)
    await rm(path, { force: true });
  else await writeFileAtomically(path, `${JSON.stringify({ ...pin, layers: left }, null, 2)}\n`);
}

/** What a run needed, the disks that it left in a folder need too, until that folder is gone. */
export async function handPinOn(layout: StoreLayout, runId: string, folder: string): Promise<void> {
  const pin = (await readJsonIfExists(pinPath(layout, { kind: 'run', id: runId }))) as Pin | undefined;
  if (!pin) return;
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  await addToPin(layout, { kind: 'kept', id, folder }, pin);
}

export async function removePin(layout: StoreLayout, owner: PinOwner): Promise<void> {
  await rm(pinPath(layout, owner), { force: true });
}

/** Every pin, split into those that hold and the paths of those whose owner is gone. */
export async function readPins(
  layout: StoreLayout,
): Promise<{ readonly living: readonly Pin[]; readonly stale: readonly string[] }> {
  const living: Pin[] = [];
  const stale: string[] = [];
  for (const name of await listFolder(layout.pins)) {
    if (isTemporaryName(name) || !name.endsWith('.json')) continue;
    const path = join(layout.pins, name);
    const pin = (await readJsonIfExists(path)) as Pin | undefined;
    if (!pin) continue;
    if (await holds(layout, pin)) living.push(pin);
    else stale.push(path);
  }
  return { living, stale };
}

async function holds(layout: StoreLayout, pin: Pin): Promise<boolean> {
  if (pin.owner.kind === 'kept') return exists(pin.owner.folder);
  const { kind, id } = pin.owner;
  if (kind === 'process') return isAlive(pin.process);
  if (kind === 'run') return exists(join(layout.runs, id));
  // A machine's image is pinned before the machine has its folder.
  return isAlive(pin.process) || exists(join(layout.machines, id));
}

function pinPath(layout: StoreLayout, owner: PinOwner): string {
  return join(layout.pins, `${owner.kind}-${encodeURIComponent(owner.id)}.json`);
}

function ownIdentity(): ProcessIdentity {
  const identity = identifyProcess(process.pid);
  if (!identity) throw new Error('this process has no start time');
  return identity;
}
