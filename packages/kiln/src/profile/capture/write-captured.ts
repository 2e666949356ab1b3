import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { translateFull, writeFileAtomically } from '../../base/files.ts';
import type { CapturedProfile } from './captured-profile.ts';
import { formatCaptured } from './format-captured.ts';

/**
 * Writes a captured profile, and the files beside it, which come first: a profile that is there is whole.
 * @param path of the profile
 * @param secret nobody else may read it
 * @throws KilnError `disk-full`
 */
export async function writeCaptured(
  captured: CapturedProfile,
  path: string,
  { secret }: { readonly secret: boolean },
): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, { bytes, mode }] of captured.files) {
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await rm(file, { force: true });
      await writeFile(file, bytes, { mode, flag: 'wx' });
    }
    await writeFileAtomically(path, formatCaptured(captured), secret ? 0o600 : 0o644);
  } catch (error) {
    throw translateFull(error, path);
  }
}
