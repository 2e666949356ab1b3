import { spawn } from 'node:child_process';
import { KilnError } from '../../base/errors.ts';
import { exitCode } from '../../base/processes.ts';
import { type MachineRecord, machineFiles, machineState } from '../../machines/machine-record.ts';
import { type SshInvocation, sshArguments } from '../../machines/ssh-arguments.ts';

/**
 * Runs the ssh program on this terminal and gives its exit code, which is the remote command's (255 when the
 * connection failed).
 * @throws KilnError `not-found` when the machine does not run, `tool-missing`
 */
export async function runSsh(
  home: string,
  record: MachineRecord,
  invocation: SshInvocation,
): Promise<number> {
  await requireRunning(home, record);
  const child = spawn('ssh', sshArguments(record, machineFiles(home, record.id), invocation), {
    stdio: 'inherit',
  });
  // Ctrl-C at the terminal is for the program in the machine.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    return await exitCode(child, 'ssh');
  } finally {
    process.off('SIGINT', ignore);
  }
}

/** @throws KilnError `not-found` when the machine does not run */
export async function requireRunning(home: string, record: MachineRecord): Promise<void> {
  const state = await machineState(home, record.id);
  if (state === 'running') return;
  throw new KilnError('not-found', `${record.name} does not run (it is ${state})`, {
    hint: `start it with \`kiln ${state === 'suspended' ? 'resume' : 'up'} ${record.name}\``,
  });
}
