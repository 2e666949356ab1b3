import { resolve } from 'node:path';
import { KilnError } from '../base/errors.ts';
import type { EmitEvent } from '../base/events.ts';
import { isRoot } from '../base/user-namespace.ts';
import { directoryAccess } from '../profile/inventory/directory-access.ts';
import { guestSystem } from '../profile/inventory/guest-system.ts';
import { type ImageSystem, openDiskImage, openStoredImage } from '../profile/inventory/image-system.ts';
import type { ExaminedSystem } from '../profile/inventory/survey.ts';
import { treeSystem } from '../profile/inventory/tree-system.ts';
import { Run } from '../store/run.ts';
import { openStore } from '../store/store.ts';
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

/** Opens the system of a disk image without mounting it. Whoever opens it closes its `system`. */
export async function openImageSystem(
  word: Extract<SystemWord, { kind: 'image' | 'disk' }>,
  context: CliContext,
): Promise<ImageSystem> {
  if (word.kind === 'disk') return openDiskImage(word.path, word.shown);
  const store = openStore(homeOf(context));
  const image = await store.getImage(word.reference);
  return openStoredImage(store, image, `the image ${word.reference}`);
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
