import type { MachineFiles, MachineRecord } from './machine-record.ts';

/** Address of this host at which the machine's SSH port is. */
export function sshAddress({ sshForward }: Pick<MachineRecord, 'sshForward'>): string {
  const address = sshForward?.hostAddress;
  return address === undefined || address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
}

/** Options of ssh_config(5) by which OpenSSH reaches the machine. */
export function sshOptions(
  record: MachineRecord,
  files: MachineFiles,
): readonly (readonly [string, string])[] {
  return [
    ['HostName', sshAddress(record)],
    ['User', record.user],
    ['Port', String(record.sshPort)],
    ['IdentityFile', files.key],
    ['IdentitiesOnly', 'yes'],
    ['HostKeyAlias', `kiln-${record.id}`],
    ['UserKnownHostsFile', files.knownHosts],
    ['GlobalKnownHostsFile', '/dev/null'],
    // The first connection writes the machine's host key down; another key later on is refused.
    ['StrictHostKeyChecking', 'accept-new'],
    ['PasswordAuthentication', 'no'],
    ['LogLevel', 'ERROR'],
  ];
}

/** A `Host` block for ~/.ssh/config, so that editors and other tools find the machine by name. */
export function sshConfig(record: MachineRecord, files: MachineFiles, host = record.name): string {
  const lines = sshOptions(record, files).map(([name, value]) => `  ${name} ${quoteConfig(value)}`);
  return `Host ${host}\n${lines.join('\n')}\n`;
}

export interface SshInvocation {
  /** Ask for a terminal, or forbid one; ssh decides when undefined. */
  readonly terminal?: boolean;
  /** One shell line; an interactive login when undefined. */
  readonly command?: string;
  readonly extra?: readonly string[];
}

/**
 * Arguments for the ssh program. Connections share one master (ssh_config(5), ControlMaster) that lives as long as
 * the machine: the handshake's arithmetic takes more than a second in an emulated machine.
 */
export function sshArguments(
  record: MachineRecord,
  files: MachineFiles,
  invocation: SshInvocation = {},
): string[] {
  const { terminal, command, extra = [] } = invocation;
  return [
    ...['-F', '/dev/null'],
    ...sshOptions(record, files).flatMap(([name, value]) => ['-o', `${name}=${quoteConfig(value)}`]),
    ...controlOptions(files, 'auto'),
    ...(terminal === undefined ? [] : [terminal ? '-t' : '-T']),
    ...extra,
    `kiln-${record.id}`,
    ...(command === undefined ? [] : [command]),
  ];
}

/** Arguments that end the shared master connection, if there is one. */
export function sshExitArguments(record: MachineRecord, files: MachineFiles): string[] {
  return ['-F', '/dev/null', ...controlOptions(files, 'no'), '-O', 'exit', `kiln-${record.id}`];
}

function controlOptions(files: MachineFiles, master: 'auto' | 'no'): string[] {
  // OpenSSH appends a random suffix of 17 characters while it makes the socket; longer paths do without sharing.
  if (files.sshControl.length + 17 > 103) return [];
  return [
    '-o',
    `ControlMaster=${master}`,
    '-o',
    `ControlPath=${quoteConfig(files.sshControl)}`,
    '-o',
    'ControlPersist=yes',
  ];
}

/** ssh_config(5): arguments with spaces go in double quotes; `%` starts a token. */
function quoteConfig(value: string): string {
  const escaped = value.replaceAll('%', '%%');
  return /[\s"]/.test(escaped) ? `"${escaped.replaceAll('"', '\\"')}"` : escaped;
}
