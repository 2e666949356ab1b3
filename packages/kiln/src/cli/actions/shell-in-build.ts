import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import type { StepMachine } from '../../engine/build-machine.ts';
import type { Visit } from '../../engine/run-options.ts';
import { shellQuote } from '../../guests/shell-quote.ts';

/**
 * A shell of OpenSSH in a machine as it was at some moment of its build. The machine is thrown away afterwards, so
 * nothing that is done in it matters to the build.
 * @param onExit told how the shell has ended
 */
export function shellVisit(at: string, onExit: (code: number) => void): Visit {
  return {
    at,
    look: async (machine, { scratch, signal }) => {
      const key = join(scratch, 'shell-key');
      await writeFile(key, machine.values['SSHPrivateKey'] ?? '', { mode: 0o600 });
      await letIn(machine, signal);
      onExit(await ssh(machine, key, join(scratch, 'shell-known-hosts')));
    },
  };
}

/** The machine may know its user by a password only, which OpenSSH would ask for. */
async function letIn({ guest, values }: StepMachine, signal: AbortSignal): Promise<void> {
  const line = shellQuote(values['SSHPublicKey'] ?? '');
  const file = '~/.ssh/authorized_keys';
  const add = `mkdir -p ~/.ssh; chmod 700 ~/.ssh; grep -qxF ${line} ${file} 2>/dev/null || echo ${line} >> ${file}; chmod 600 ${file}`;
  const exit = await guest.exec({ command: add, signal });
  if (exit.kind === 'exited' && exit.code === 0) return;
  throw new KilnError('guest-login-refused', 'the machine does not let a key of this shell be added', {
    hint: 'its login user needs a home folder that can be written to',
  });
}

function ssh({ values }: StepMachine, key: string, knownHosts: string): Promise<number> {
  const options = [
    ...['StrictHostKeyChecking=no', `UserKnownHostsFile=${knownHosts}`, 'LogLevel=ERROR'],
    ...['IdentitiesOnly=yes', 'PasswordAuthentication=no'],
  ].flatMap((option) => ['-o', option]);
  const target = ['-p', values['Port'] ?? '22', `${values['User']}@${values['Host']}`];
  return new Promise((resolve, reject) => {
    const child = spawn('ssh', ['-i', key, ...options, ...target], { stdio: 'inherit' });
    child.once('error', () =>
      reject(
        new KilnError('tool-missing', 'the program "ssh" is not installed', {
          hint: 'install it (Debian and Ubuntu: apt-get install openssh-client)',
        }),
      ),
    );
    child.once('exit', (code) => resolve(code ?? 255));
  });
}
