import { type MachineRecord, machineFiles } from '../../../machines/machine-record.ts';
import { checkForeign, selectTargets, type Target } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';

export const sshConfigCommand = defineVagrantCommand({
  operands: '[options] [name|id]',
  flags: { host: { type: 'text', value: 'NAME', description: 'What SSH is to call the machine.' } },
  run: async ({ flags, args }, session) => {
    for (const target of await selectTargets(session, args)) {
      checkForeign(target);
      if (target.record === undefined || target.state.id !== 'running') {
        throw new VagrantError(
          'SSHNotReady',
          `the machine ${target.name} is not up: ${target.state.short}`,
          'bring it up with `vagrant up`',
        );
      }
      const block = configBlock(flags.host ?? target.name, target.record, target);
      target.ui.machine('ssh-config', block);
      session.ui.raw(`${block}\n`);
    }
    return 0;
  },
});

/** ssh_config(5), in the order that Vagrant has. */
function configBlock(host: string, record: MachineRecord, { spec, config, session }: Target): string {
  const client = spec?.sshClient;
  const key = machineFiles(session.home, record.id).key;
  const lines: (readonly [string, string] | undefined)[] = [
    client?.configFile === undefined ? undefined : ['Include', client.configFile],
    ['HostName', client?.host ?? '127.0.0.1'],
    ['User', client?.user ?? record.user],
    ['Port', String(client?.port ?? record.sshPort)],
    ['UserKnownHostsFile', '/dev/null'],
    ['StrictHostKeyChecking', 'no'],
    ['PasswordAuthentication', 'no'],
    ['IdentityFile', /\s/.test(key) ? `"${key}"` : key],
    config.ssh.keys_only ? ['IdentitiesOnly', 'yes'] : undefined,
    ['LogLevel', 'FATAL'],
    client?.forwardAgent ? ['ForwardAgent', 'yes'] : undefined,
    client?.forwardX11 ? ['ForwardX11', 'yes'] : undefined,
    client?.proxyCommand === undefined ? undefined : ['ProxyCommand', client.proxyCommand],
    ...(config.ssh.disable_deprecated_algorithms
      ? []
      : ([
          ['PubkeyAcceptedKeyTypes', '+ssh-rsa'],
          ['HostKeyAlgorithms', '+ssh-rsa'],
        ] as const)),
  ];
  const text = lines.flatMap((line) => (line === undefined ? [] : [`  ${line[0]} ${line[1]}\n`]));
  return `Host ${host}\n${text.join('')}`;
}
