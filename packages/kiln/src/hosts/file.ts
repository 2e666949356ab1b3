import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { throwIfCancelled } from '../base/cancellation.ts';
import { isSystemError, KilnError } from '../base/errors.ts';
import { exists, translateFull, writeFileAtomically } from '../base/files.ts';
import { noGuest } from '../guests/no-guest.ts';
import type { FileSource } from '../plan/source.ts';
import type { Artifact } from './artifact.ts';
import type { Host, HostContext, StartedMachine } from './host.ts';

/** The artifact is one file. There is no machine: steps that need one fail. */
export const fileHost: Host<FileSource> = { check, start };

async function check({ from, target }: FileSource): Promise<readonly string[]> {
  if (from.kind !== 'copy') return [];
  if (from.path === target) return [`target and source are the same file, ${target}`];
  try {
    return (await stat(from.path)).isFile() ? [] : [`source: ${from.path} is not a file`];
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return [`source: there is no file ${from.path}`];
    throw error;
  }
}

async function start(source: FileSource, context: HostContext): Promise<StartedMachine> {
  const { target } = source;
  throwIfCancelled(context.signal);
  const wasThere = await exists(target);
  await write(source);
  return {
    guest: noGuest('the file source makes no machine'),
    values: { ID: 'File', ConnType: 'none', Host: '', Port: '', User: '', Password: '' },
    finish: async () => artifactOf(target),
    abandon: async ({ keep }) => {
      // A file that was replaced cannot be brought back; one that is new can go.
      if (!keep && !wasThere) await rm(target, { force: true });
    },
  };
}

async function write({ from, target }: FileSource): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    if (from.kind === 'content') {
      await writeFileAtomically(target, from.content, 0o600);
      return;
    }
    const temporary = `${target}.${process.pid}.tmp`;
    try {
      await copyFile(from.path, temporary, constants.COPYFILE_FICLONE);
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw translateFull(error, target);
    }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EEXIST', 'EROFS')) throw error;
    const what =
      from.kind === 'copy' ? `${from.path} cannot be copied to ${target}` : `${target} cannot be written`;
    throw new KilnError('file-missing', `${what}: ${error.message}`, { cause: error });
  }
}

function artifactOf(target: string): Artifact {
  return {
    builderId: 'packer.file',
    id: 'File',
    description: `Stored file: ${target}`,
    files: [target],
    destroy: () => rm(target, { force: true }),
  };
}
