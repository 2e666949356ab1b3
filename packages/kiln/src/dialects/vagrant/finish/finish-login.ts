import type { RawMachine } from '../ruby/raw-result.ts';
import {
  sshConnectSettings,
  sshSettings,
  winrmSettings,
  winsshSettings,
} from '../settings/login-settings.ts';
import type { VagrantMachine } from '../vagrant-config.ts';
import { finishSection, isTruthy, textsOf } from './coerce.ts';
import { checkFile, type MachineContext } from './machine-context.ts';

type Login = Pick<VagrantMachine, 'ssh' | 'winrm' | 'winssh'>;

/** `config.ssh`, `config.winrm` and `config.winssh`. */
export function finishLogin(raw: RawMachine, context: MachineContext): Login {
  const sshSection = raw.sections['ssh'];
  const ssh = withVerification(finishSection(sshSection, sshSettings, 'config.ssh', context));
  const fallback = withVerification(
    finishSection(raw.ssh_default, sshConnectSettings, 'config.ssh.default', context),
  );
  for (const key of textsOf(ssh.private_key_path)) {
    checkFile(context, sshSection?.places['private_key_path'], 'config.ssh.private_key_path', key);
  }
  if (ssh.config !== null) checkFile(context, sshSection?.places['config'], 'config.ssh.config', ssh.config);
  if (ssh.connect_timeout < 1) {
    context.problems.error(
      sshSection?.places['connect_timeout'],
      'config.ssh.connect_timeout is at least 1 second',
    );
  }
  return {
    ssh: {
      ...ssh,
      default: {
        ...fallback,
        username: fallback.username ?? 'vagrant',
        port: fallback.port ?? ssh.guest_port,
        remote_user: fallback.remote_user ?? fallback.username ?? 'vagrant',
      },
      remote_user: ssh.remote_user ?? ssh.username,
    },
    winrm: finishWinrm(raw, context),
    winssh: withVerification(finishSection(raw.sections['winssh'], winsshSettings, 'config.winssh', context)),
  };
}

function finishWinrm(raw: RawMachine, context: MachineContext): Login['winrm'] {
  const section = raw.sections['winrm'];
  const winrm = finishSection(section, winrmSettings, 'config.winrm', context);
  const port = winrm.transport === 'ssl' ? 5986 : 5985;
  return {
    ...winrm,
    port: section?.settings['port'] === undefined ? port : winrm.port,
    guest_port: section?.settings['guest_port'] === undefined ? port : winrm.guest_port,
  };
}

const verification: Readonly<Record<string, string>> = {
  true: 'accepts_new_or_local_tunnel',
  false: 'never',
  very: 'accept_new',
  secure: 'always',
};

/** Values of `verify_host_key` from before it had names; `paranoid` is its old name. */
function withVerification<T extends { verify_host_key: unknown; paranoid: unknown }>(settings: T): T {
  const given = String(isTruthy(settings.paranoid) ? settings.paranoid : settings.verify_host_key);
  return { ...settings, verify_host_key: verification[given] ?? given };
}
