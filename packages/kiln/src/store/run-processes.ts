import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { sleep } from '../base/cancellation.ts';
import { isSystemError } from '../base/errors.ts';
import {
  identifyProcess,
  isAlive,
  type ProcessIdentity,
  processStartTime,
  signalQuietly,
} from '../base/processes.ts';
import { listFolder } from './folders.ts';

/** Ends a process, with the group it leads, and waits until it is gone. */
export async function endProcess(identity: ProcessIdentity): Promise<void> {
  if (!isAlive(identity)) return;
  signalQuietly(leadsGroup(identity.pid) ? -identity.pid : identity.pid, 'SIGKILL');
  for (let waited = 0; waited < 5000 && processStartTime(identity.pid) === identity.started; waited += 10)
    await sleep(10);
}

/**
 * A process may have been started, and its owner killed, before the journal knew of it. Every QEMU program that
 * works for a run names the run's folder on its command line, and other programs may carry a variable of the
 * run in their environment; so both are looked for.
 */
export async function endProcessesOf(folder: string, variable: string | undefined): Promise<void> {
  for (const name of await listFolder('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const commandLine = await readProcess(pid, 'cmdline');
    const isQemu = /^[^\0]*qemu/.test(commandLine) && commandLine.includes(`${folder}/`);
    if (!isQemu && !(variable && hasVariable(await readProcess(pid, 'environ'), variable))) continue;
    const identity = identifyProcess(pid);
    if (identity) await endProcess(identity);
  }
}

function hasVariable(environment: string, variable: string): boolean {
  return environment.split('\0').includes(variable);
}

async function readProcess(pid: number, what: 'cmdline' | 'environ'): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${what}`, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return '';
    throw error;
  }
}

/** Field 5 of /proc/PID/stat, proc(5), is the process group. */
function leadsGroup(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === pid;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}
