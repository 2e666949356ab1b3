import { shellQuote } from '../../../guests/shell-quote.ts';
import type { SshClient } from '../../../plan/ssh-client.ts';
import { runSsh } from '../../actions/run-ssh.ts';
import { neededRecord, selectOne } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';

export const sshCommand = defineVagrantCommand({
  operands: '[options] [name|id] [-- extra ssh args]',
  takesExtra: true,
  flags: {
    command: {
      type: 'text',
      short: 'c',
      value: 'COMMAND',
      description: 'Run a command, and end with its exit code.',
    },
    plain: { type: 'switch', short: 'p', description: 'Log in with what your own SSH has, without the key.' },
    tty: {
      type: 'switch',
      short: 't',
      forms: 'both',
      description: 'With a terminal (the default where there is one).',
    },
  },
  run: async ({ flags, args, extra }, session) => {
    const target = await selectOne(session, args);
    const action = flags.command === undefined ? 'ssh' : 'ssh_run';
    target.ui.machine('action', action, 'start');
    const record = neededRecord(target);
    if (target.state.id !== 'running') {
      throw new VagrantError(
        'VMNotRunningError',
        `the machine ${target.name} does not run`,
        '`vagrant up` starts it',
      );
    }
    const client = target.spec?.sshClient;
    const options = [...(client === undefined ? [] : clientArguments(client)), ...extra];
    const terminal = flags.tty !== false && process.stdin.isTTY === true;
    if (flags.command === undefined) {
      return runSsh(session.home, record, { extra: plainArguments(flags.plain, options) });
    }
    const shell = client?.shell ?? 'bash -l';
    const code = await runSsh(session.home, record, {
      extra: plainArguments(flags.plain, options),
      command: `${shell} -c ${shellQuote(flags.command)}`,
      ...(terminal ? { terminal } : {}),
    });
    target.ui.machine('action', action, 'end');
    return code;
  },
});

function plainArguments(isPlain: boolean | undefined, options: readonly string[]): readonly string[] {
  // What stands first counts: these come before the options of the machine's own.
  return isPlain ? ['-o', 'PasswordAuthentication=yes', '-o', 'IdentitiesOnly=no', ...options] : options;
}

/** What `config.ssh` says about connections of people. */
export function clientArguments(client: SshClient): readonly string[] {
  const option = (name: string, value: string) => ['-o', `${name}=${value}`];
  return [
    ...(client.forwardAgent ? option('ForwardAgent', 'yes') : []),
    ...(client.forwardX11 ? [...option('ForwardX11', 'yes'), ...option('ForwardX11Trusted', 'yes')] : []),
    ...client.sendEnvironment.flatMap((name) => option('SendEnv', name)),
    ...(client.keepAlive ? option('ServerAliveInterval', '5') : []),
    ...(client.proxyCommand === undefined ? [] : option('ProxyCommand', client.proxyCommand)),
    ...client.extraArguments,
  ];
}
