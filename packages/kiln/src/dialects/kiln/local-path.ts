import { existsSync } from 'node:fs';
import type { SourceLocation } from '../../base/errors.ts';
import { fromFolder } from '../../base/yaml/notations.ts';
import type { OneStepContext } from './compile-steps.ts';

/** A path of this host as an absolute one. One that is not there is reported, unless a script makes it before. */
export function localPath(
  written: string,
  at: SourceLocation,
  { folder, problems, generated }: OneStepContext,
): string {
  const path = fromFolder(folder, written);
  if (!generated && !existsSync(path)) {
    problems.error(at, `there is no file or folder "${written}" in ${folder}`);
  }
  return path;
}
