import { spawn } from 'node:child_process';
import { isSystemError, KilnError } from '../base/errors.ts';

/**
 * Starts a program with a window of its own, and lets it go on alone.
 * @returns false when there is no such program
 */
export async function openProgram(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw new KilnError('tool-failed', `${command} could not be started`, { cause: error });
  }
  child.unref();
  return true;
}
