import { spawnSync } from 'node:child_process';

/** A reason to skip a test where a program is not installed; false where it is. */
export function withoutTool(program: string): string | false {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  return error === undefined ? false : `${program} is not installed`;
}
