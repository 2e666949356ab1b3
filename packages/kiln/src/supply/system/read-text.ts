import { followPath } from './follow-path.ts';
import type { SystemFiles } from './system-files.ts';

/** The most that is read of a file that is expected to be small text. A package database is larger. */
const mostText = 256 << 20;

/** The text of a file, with links followed; undefined when there is no regular file. Bytes that are not UTF-8 are replaced. */
export async function readText(
  files: SystemFiles,
  path: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
): Promise<string | undefined> {
  const real = followPath(files, path);
  const kind = real === undefined ? undefined : files.entries.get(real)?.kind;
  if (real === undefined || (kind !== 'file' && kind !== 'link')) return undefined;
  return Buffer.from(await files.read(real, mostText)).toString(encoding);
}
