import { dirname, resolve } from 'node:path';
import { backingWithin } from '@kiln/diskimage';
import { KilnError } from '../base/errors.ts';
import type { EmitEvent } from '../base/events.ts';
import { isRoot } from '../base/user-namespace.ts';
import { directoryAccess } from '../profile/inventory/directory-access.ts';
import { guestSystem } from '../profile/inventory/guest-system.ts';
import { imageAccess } from '../profile/inventory/image-access.ts';
import type { ExaminedSystem } from '../profile/inventory/survey.ts';
import { treeSystem } from '../profile/inventory/tree-system.ts';
import { Run } from '../store/run.ts';
import { openStore } from '../store/store.ts';
import { openDiskSystem } from '../supply/system/disk-files.ts';
import type { SystemFiles } from '../supply/system/system-files.ts';
import { homeOf } from './actions/machine-targets.ts';
import type { CliContext } from './context.ts';
import type { MachineTarget } from './machine-target.ts';
import { openGuest } from './open-guest.ts';
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
      return openFolder(word, context, options);
    default:
      return openGuestSystem(word, context, options);
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
  if (word.kind === 'disk') return openDisk(word.path, word.shown, dirname(word.path));
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
async function openFolder(
  target: Extract<MachineTarget, { kind: 'directory' }>,
  context: CliContext,
  options: OpenSystemOptions,
): Promise<ExaminedSystem> {
  const path = resolve(context.cwd, target.path);
  const access = directoryAccess(path);
  const isReadable =
    isRoot() ||
    !(await access.entry('/etc/shadow')) ||
    (await access.read('/etc/shadow', 1 << 20)) !== undefined;
  if (!isReadable) {
    try {
      const system = await openGuestSystem({ ...target, path }, context, options);
      await access.close();
      return system;
    } catch (error) {
      // What an ordinary user may read is told all the same, with what is missing.
      if (!(error instanceof KilnError) || error.code === 'cancelled') throw error;
    }
  }
  return treeSystem(access, `the tree ${target.path}`);
}

/** A system that commands can be run in. Its connection is closed with it. */
async function openGuestSystem(
  target: MachineTarget,
  context: CliContext,
  options: OpenSystemOptions,
): Promise<ExaminedSystem> {
  const run = await Run.open(homeOf(context));
  try {
    const { guest, description } = await openGuest(target, context, { ...options, scratch: run.folder });
    const close = async () => {
      await guest.close();
      await run.close();
    };
    return { ...guestSystem(guest, description), close };
  } catch (error) {
    await run.close();
    throw error;
  }
}
