import { isSystemError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';
import { namespaceObstacle } from '../../base/user-namespace.ts';
import type { RootfsSource } from '../../plan/source.ts';
import { findRelease } from '../../sources/bootstrap/release.ts';

/** What keeps this host from building a tree, with how to mend it. Empty when nothing does. */
export async function checkRootfsSource({ os }: RootfsSource): Promise<readonly string[]> {
  const problems: string[] = [];
  findRelease(os.distribution, os.release);
  if (process.arch !== 'x64')
    problems.push(`building without a machine is not possible on ${process.arch} yet`);
  if (process.platform !== 'linux') {
    problems.push('building without a machine takes Linux; change "builder" to qemu');
    return problems;
  }
  const obstacle = await namespaceObstacle();
  if (obstacle) problems.push(`${obstacle.message}: ${obstacle.hint}`);
  for (const program of ['mmdebstrap', 'apt-get']) {
    if (!(await isThere(program)))
      problems.push(
        `the program "${program}" is not installed: sudo apt-get install ${program.replace('-get', '')}`,
      );
  }
  return problems;
}

async function isThere(program: string): Promise<boolean> {
  try {
    await run(program, ['--version']);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || (error instanceof Error && 'code' in error)) return false;
    throw error;
  }
}
