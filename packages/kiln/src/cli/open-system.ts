import { dirname } from 'node:path';
import { backingWithin } from '@kiln/diskimage';
import { KilnError } from '../base/errors.ts';
import type { EmitEvent } from '../base/events.ts';
import { isRoot } from '../base/user-namespace.ts';
import { ChrootGuest } from '../guests/chroot-guest.ts';
import type { Guest } from '../guests/guest.ts';
import { findMachine } from '../machines/find-machine.ts';
import { machineFiles, machineState } from '../machines/machine-record.ts';
import { connectToMachine } from '../machines/start-machine.ts';
import { directoryAccess } from '../profile/inventory/directory-access.ts';
import { guestSystem } from '../profile/inventory/guest-system.ts';
import { imageAccess } from '../profile/inventory/image-access.ts';
import type { ExaminedSystem } from '../profile/inventory/survey.ts';
import { treeSystem } from '../profile/inventory/tree-system.ts';
import { openStore } from '../store/store.ts';
import { openDiskSystem } from '../supply/system/disk-files.ts';
import type { SystemFiles } from '../supply/system/system-files.ts';
import { homeOf, projectFolder } from './actions/machine-targets.ts';
import type { CliContext } from './context.ts';
import { openTarget } from './open-target.ts';
import type { SystemWord } from './system-word.ts';

export interface OpenSystemOptions {
  readonly signal: AbortSignal;
  readonly emit: EmitEvent;
}

/**
 * Opens a system so that it can be looked at. Whoever opens it closes it.
 * @throws KilnError `not-found`, `file-missing`, `unsupported`, `guest-unreachable`, `guest-login-refused`, `cancelled`
 */
export async function openSystem(
  word: Exclude<SystemWord, { kind: 'profile' }>,
  context: CliContext,
  options: OpenSystemOptions,
): Promise<ExaminedSystem> {
  switch (word.kind) {
    case 'image':
    case 'disk':
      return (await openImageSystem(word, context)).system;
    case 'directory':
      return openFolder(word.path, options);
    case 'machine':
      return openMachine(word.name, context, options);
    default: {
      const { runner, description } = await openTarget(word, options.signal);
      return guestSystem(runner, description);
    }
  }
}

/** A system on a disk, with all of its files. */
export interface ImageSystem {
  readonly system: ExaminedSystem;
  readonly files: SystemFiles;
}

/** Opens the system of a disk image without mounting it. Whoever opens it closes its `system`. */
export async function openImageSystem(
  word: Extract<SystemWord, { kind: 'image' | 'disk' }>,
  context: CliContext,
): Promise<ImageSystem> {
  if (word.kind === 'disk') return openDisk(word.path, word.path, dirname(word.path));
  const store = openStore(homeOf(context));
  const image = await store.getImage(word.reference);
  return openDisk(store.diskPath(image), `the image ${word.reference}`, store.layout.layers, 'qcow2');
}

async function openDisk(
  path: string,
  description: string,
  folder: string,
  format?: 'qcow2',
): Promise<ImageSystem> {
  const { files, gaps, close } = await openDiskSystem(path, {
    openBacking: backingWithin(folder),
    ...(format === undefined ? {} : { format }),
  });
  // What the system does not mount, such as the EFI partition, is no part of it.
  const own = gaps.filter((gap) => !gap.endsWith('/etc/fstab does not mount it'));
  return { files, system: treeSystem(imageAccess(files, own, close), description) };
}

/**
 * Root reads everything; others enter the tree in a namespace in which they are root, where there is a shell in it that
 * can look for them.
 */
async function openFolder(path: string, { signal }: OpenSystemOptions): Promise<ExaminedSystem> {
  const access = directoryAccess(path);
  const description = `the tree ${path}`;
  const shadow = await access.entry('/etc/shadow');
  const isReadable = isRoot() || !shadow || (await access.read('/etc/shadow', 1 << 20)) !== undefined;
  if (isReadable) return treeSystem(access, description);
  try {
    const guest = await ChrootGuest.open({ root: { kind: 'directory', path }, signal });
    await access.close();
    return closing(guest, description);
  } catch (error) {
    // What an ordinary user may read is told all the same, with what is missing.
    if (!(error instanceof KilnError) || error.code === 'cancelled') throw error;
    return treeSystem(access, description);
  }
}

async function openMachine(
  name: string,
  context: CliContext,
  { signal, emit }: OpenSystemOptions,
): Promise<ExaminedSystem> {
  const home = homeOf(context);
  const record = await findMachine(home, projectFolder(undefined, context), name);
  const state = await machineState(home, record.id);
  if (state !== 'running') {
    throw new KilnError('not-found', `${record.name} does not run (it is ${state})`, {
      hint: `start it with \`kiln ${state === 'suspended' ? 'resume' : 'up'} ${record.name}\``,
    });
  }
  const guest = await connectToMachine({ emit }, record, machineFiles(home, record.id), signal);
  return closing(guest, `the machine ${record.name}`);
}

/** A system whose guest is closed with it. */
function closing(guest: Guest, description: string): ExaminedSystem {
  return { ...guestSystem(guest, description), close: () => guest.close() };
}
