import { spawn } from 'node:child_process';
import { KilnError } from '../../base/errors.ts';
import { exitCode } from '../../base/processes.ts';
import { containerOf } from '../../machines/containers/container-file.ts';
import { type MachineRecord, machineFiles, machineState } from '../../machines/machine-record.ts';
import { type SshInvocation, sshArguments } from '../../machines/ssh-arguments.ts';

/**
 * Runs the ssh program, or docker for a container, on this terminal and gives its exit code, which is the remote command's (255 when the
 * connection failed).
 * @throws KilnError `not-found` when the machine does not run, `tool-missing`
 */
export async function runSsh(
  home: string,
  record: MachineRecord,
  invocation: SshInvocation,
): Promise<number> {
  await requireRunning(home, record);
  const files = machineFiles(home, record.id);
  const container = await containerOf(files);
  const [program, args] = container
    ? (['docker', execArguments(container.name, invocation)] as const)
    : (['ssh', sshArguments(record, files, invocation)] as const);
  const child = spawn(program, args, { stdio: 'inherit' });
  // Ctrl-C at the terminal is for the program in the machine.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    return await exitCode(child, program);
  } finally {
    process.off('SIGINT', ignore);
  }
}

/** A container has no SSH server that Kiln would have a key for: docker(1) leads into it. */
function execArguments(container: string, { terminal, command }: SshInvocation): string[] {
  const isTerminal = terminal ?? (command === undefined && process.stdin.isTTY === true);
  const shell = ['/bin/sh', '-c', 'if command -v bash >/dev/null; then exec bash -l; else exec sh -l; fi'];
  const words = command === undefined ? shell : ['/bin/sh', '-c', command];
  return ['exec', '--interactive', ...(isTerminal ? ['--tty'] : []), container, ...words];
}

/** @throws KilnError `not-found` when the machine does not run */
export async function requireRunning(home: string, record: MachineRecord): Promise<void> {
  const state = await machineState(home, record.id);
  if (state === 'running') return;
  throw new KilnError('not-found', `${record.name} does not run (it is ${state})`, {
    hint: `start it with \`kiln ${state === 'suspended' ? 'resume' : 'up'} ${record.name}\``,
  });
}
