import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep, throwIfCancelled } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { signalQuietly } from '../../base/processes.ts';
import type { Run } from '../../store/run.ts';
import { findProgram, needProgram } from './programs.ts';

export interface Tpm {
  readonly socket: string;
  close(): Promise<void>;
}

/**
 * Starts a TPM emulator for one machine, with a state of its own.
 * @throws KilnError `tool-missing` when swtpm is not installed, `tool-failed`, `cancelled`
 */
export async function startTpm(
  tpm: { readonly version1: boolean },
  options: { readonly scratch: string; readonly run: Pick<Run, 'ownProcess'>; readonly signal: AbortSignal },
): Promise<Tpm> {
  const program = needProgram('swtpm', 'emulates the TPM that vtpm asks for');
  const state = join(options.scratch, 'tpm');
  await mkdir(state, { recursive: true, mode: 0o700 });
  const socket = join(options.scratch, 'tpm.sock');
  const args = ['socket', '--tpmstate', `dir=${state}`, '--ctrl', `type=unixio,path=${socket}`];
  if (!tpm.version1) args.push('--tpm2');
  const setpriv = findProgram('setpriv');
  const [command, argv] = setpriv
    ? [setpriv, ['--pdeathsig', 'KILL', '--', program, ...args]]
    : [program, args];
  const log = join(options.scratch, 'tpm.log');
  const output = openSync(log, 'w', 0o600);
  const child = spawn(command, argv, { stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  if (child.pid !== undefined) options.run.ownProcess(child.pid);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const close = async () => {
    if (!over && child.pid !== undefined) signalQuietly(child.pid, 'SIGKILL');
    await ended;
  };
  try {
    while (!existsSync(socket)) {
      throwIfCancelled(options.signal);
      if (over)
        throw new KilnError('tool-failed', `swtpm did not start: ${(await readFile(log, 'utf8')).trim()}`);
      await sleep(5, options.signal);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { socket, close };
}
