import { shellQuote } from '../../../guests/shell-quote.ts';
import type { SshClient } from '../../../plan/ssh-client.ts';
import { runInMachine } from '../../actions/run-in-machine.ts';
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
    const command = `${shell} -c ${shellQuote(flags.command)}`;
    const code =
      terminal || needsSsh(client, extra, flags.plain)
        ? await runSsh(session.home, record, {
            extra: plainArguments(flags.plain, options),
            command,
            ...(terminal ? { terminal } : {}),
          })
        : await runInMachine(session.home, record, command);
    target.ui.machine('action', action, 'end');
    return code;
  },
});

/** What need not look like SSH does without its handshake. */
function needsSsh(
  client: SshClient | undefined,
  extra: readonly string[],
  isPlain: boolean | undefined,
): boolean {
  if (isPlain || extra.length > 0) return true;
  if (client === undefined) return false;
  const { forwardAgent, forwardX11, sendEnvironment, extraArguments, proxyCommand } = client;
  return (
    forwardAgent ||
    forwardX11 ||
    proxyCommand !== undefined ||
    sendEnvironment.length + extraArguments.length > 0
  );
}

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
