import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { findMachine, livingRecords } from '../machines/find-machine.ts';
import { openStore } from '../store/store.ts';
import { homeOf, projectFolder } from './actions/machine-targets.ts';
import type { CliContext } from './context.ts';
import { type MachineTarget, parseMachineTarget } from './machine-target.ts';

/** Whatever a command can look at, as a word of the command line names it. */
export type SystemWord =
  | MachineTarget
  /** An image of the store, by name, name:tag or id. */
  | { readonly kind: 'image'; readonly reference: string }
  /** A disk image that is a file. */
  | { readonly kind: 'disk'; readonly path: string; readonly shown: string }
  | { readonly kind: 'profile'; readonly path: string };

/**
 * Finds out what a word means: by its form, else a file, a machine or an image of that name.
 * @throws KilnError `not-found`, `file-missing`, `bad-usage` where it may mean two things
 */
export async function readSystemWord(word: string, context: CliContext): Promise<SystemWord> {
  const target = parseMachineTarget(word);
  if (target) return target;
  if (word.startsWith('image:')) return { kind: 'image', reference: word.slice('image:'.length) };
  if (word.startsWith('file:')) return fileWord(word.slice('file:'.length), context, true)!;
  if (word.startsWith('sha256:')) return { kind: 'image', reference: word };
  const file = fileWord(word, context, /^\.{0,2}\/|\.(?:ya?ml|qcow2|raw|img|vhd|vmdk)$/.test(word));
  if (file) return file;
  const isMachine = await hasMachine(word, context);
  const isImage = await hasImage(word, context);
  if (isMachine && isImage) {
    throw new KilnError('bad-usage', `"${word}" is a machine and an image`, {
      hint: `write machine:${word} or image:${word}`,
    });
  }
  if (isMachine) return { kind: 'machine', name: word };
  if (isImage) return { kind: 'image', reference: word };
  throw new KilnError('not-found', `there is no file, machine or image "${word}"`, {
    hint: 'see `kiln list` and `kiln image list`; other systems are written ssh://HOST, docker:CONTAINER or dir:PATH',
  });
}

function fileWord(word: string, { cwd }: CliContext, must: boolean): SystemWord | undefined {
  const path = resolve(cwd, word);
  try {
    if (statSync(path).isDirectory()) {
      if (!must) return undefined;
      throw new KilnError('bad-usage', `${word} is a folder`, {
        hint: `write dir:${word} for the system in it`,
      });
    }
    return /\.ya?ml$/.test(word) ? { kind: 'profile', path: word } : { kind: 'disk', path, shown: word };
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error;
    if (!must) return undefined;
    throw new KilnError('file-missing', `there is no file ${word}`, { cause: error });
  }
}

async function hasMachine(word: string, context: CliContext): Promise<boolean> {
  const home = homeOf(context);
  if ((await livingRecords(home)).length === 0) return false;
  return isFound(() => findMachine(home, projectFolder(undefined, context), word));
}

async function hasImage(word: string, context: CliContext): Promise<boolean> {
  return isFound(() => openStore(homeOf(context)).getImage(word));
}

async function isFound(look: () => Promise<unknown>): Promise<boolean> {
  try {
    await look();
    return true;
  } catch (error) {
    // A word that cannot be a name is none.
    if (error instanceof KilnError && (error.code === 'not-found' || error.code === 'bad-usage'))
      return false;
    throw error;
  }
}
