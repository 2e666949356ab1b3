import { differs, flag, needless, number, optionalList, text, type ValuesOf, value } from './setting.ts';

/** `config.ssh.default.*`, the part of `config.ssh.*` that a machine's own values go before. */
export const sshConnectSettings = {
  host: text(null, differs("Kiln's machines are on this host; only `ssh-config` says it")),
  port: number(
    null,
    differs('Kiln chooses the port, near that of the forwarded port `ssh`; only `ssh-config` says it'),
  ),
  config: text(null),
  connect_retries: number(5, needless('Kiln tries until `config.vm.boot_timeout` is over')),
  connect_retry_delay: number(2, needless('Kiln tries until `config.vm.boot_timeout` is over')),
  connect_timeout: number(15, needless('Kiln tries until `config.vm.boot_timeout` is over')),
  private_key_path: optionalList<string>(),
  username: text(null),
  password: text(null),
  insert_key: flag(true),
  key_type: text('auto', needless("the machine's own key is an Ed25519 key")),
  keys_only: flag(true),
  paranoid: value(false, differs('config.ssh.verify_host_key took its place')),
  verify_host_key: value(
    'never',
    needless("Kiln writes a machine's key down when it is made, and refuses another one"),
  ),
  compression: flag(true, needless('the connection does not leave this host')),
  disable_deprecated_algorithms: flag(false),
  dsa_authentication: flag(true, differs('OpenSSH has no DSA keys any more')),
  extra_args: value(null),
  remote_user: text(null),
} as const;

/** `config.ssh.*`: https://developer.hashicorp.com/vagrant/docs/vagrantfile/ssh_settings */
export const sshSettings = {
  ...sshConnectSettings,
  forward_agent: flag(false),
  forward_x11: flag(false),
  forward_env: value(false),
  guest_port: number(22),
  keep_alive: flag(true),
  proxy_command: text(null),
  ssh_command: text(null, differs("Kiln runs OpenSSH's ssh")),
  pty: flag(false, needless('commands run without a terminal unless they are given one')),
  shell: text('bash -l'),
  sudo_command: text('sudo -E -H %c'),
  export_command_template: text(
    'export %ENV_KEY%="%ENV_VALUE%"',
    needless('variables are handed on without it'),
  ),
} as const;

/** `config.winrm.*`: https://developer.hashicorp.com/vagrant/docs/vagrantfile/winrm_settings */
export const winrmSettings = {
  username: text('vagrant'),
  password: text('vagrant'),
  host: text(null),
  port: number(5985),
  guest_port: number(5985),
  transport: text('negotiate'),
  ssl_peer_verification: flag(true),
  max_tries: number(20),
  retry_delay: number(2),
  timeout: number(1800),
  execution_time_limit: text('PT2H'),
  basic_auth_only: flag(false),
  codepage: value(null),
} as const;

const { forward_x11: _x11, pty: _pty, ...sharedWithWindows } = sshSettings;

/** `config.winssh.*`: https://developer.hashicorp.com/vagrant/docs/vagrantfile/winssh_settings */
export const winsshSettings = {
  ...sharedWithWindows,
  shell: text('powershell'),
  sudo_command: text('%c'),
  export_command_template: text('$env:%ENV_KEY%="%ENV_VALUE%"'),
  upload_directory: text('C:/Windows/Temp'),
} as const;

export type SshSettings = ValuesOf<typeof sshSettings>;
export type SshConnectSettings = ValuesOf<typeof sshConnectSettings>;
export type WinrmSettings = ValuesOf<typeof winrmSettings>;
export type WinsshSettings = ValuesOf<typeof winsshSettings>;
