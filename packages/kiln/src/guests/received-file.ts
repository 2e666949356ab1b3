import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { isSystemError, KilnError } from '../base/errors.ts';
import { translateFull } from '../base/files.ts';

/** A local file that a machine's bytes go into. */
export interface FileReceiver {
  /** @throws KilnError `disk-full` */
  write(chunk: Buffer): Promise<void>;
  /** All bytes are there: sets the permission bits and closes. */
  finish(mode: number): Promise<void>;
  /** Removes the file again unless it was finished. A second call does nothing. */
  close(): Promise<void>;
}

/**
 * Creates or empties a file. A symlink at its place is not followed.
 * @throws KilnError `file-missing` when there is no such folder, `file-unsafe`
 */
export async function receiveFile(path: string): Promise<FileReceiver> {
  const { O_CREAT, O_WRONLY, O_TRUNC, O_NOFOLLOW } = constants;
  const handle = await open(path, O_CREAT | O_WRONLY | O_TRUNC | O_NOFOLLOW, 0o600).catch(
    (error: unknown) => {
      throw explain(error, path);
    },
  );
  let state: 'open' | 'closed' = 'open';
  return {
    write: async (chunk) => {
      try {
        await handle.writeFile(chunk);
      } catch (error) {
        throw translateFull(error, path);
      }
    },
    finish: async (mode) => {
      // Bits beyond the permissions would give a foreign file this user's rights.
      await handle.chmod(mode & 0o777);
      state = 'closed';
      await handle.close();
    },
    close: async () => {
      if (state === 'closed') return;
      state = 'closed';
      await handle.close();
      await rm(path, { force: true });
    },
  };
}

function explain(error: unknown, path: string): unknown {
  if (isSystemError(error, 'ELOOP')) {
    return new KilnError('file-unsafe', `${path} is a symlink, which a download does not follow`, {
      hint: 'remove it, or choose another name',
      cause: error,
    });
  }
  if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR', 'EROFS')) {
    return new KilnError('file-missing', `${path} cannot be written: ${error.message}`, { cause: error });
  }
  return translateFull(error, path);
}
