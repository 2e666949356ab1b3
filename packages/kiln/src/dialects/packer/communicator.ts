import type { Communicator, SshBastion, SshCommunicator } from '../../plan/communicator.ts';
import { sshDefaults } from '../../plan/communicator.ts';
import type { Options } from './options.ts';

const day = 86_400_000;
/** Packer counts refused logins only where the template asks for it or gives no time either. */
const anyNumberOfAttempts = 1_000_000;

/**
 * The communicator's options, which every builder that makes or reaches a machine has
 * (https://developer.hashicorp.com/packer/docs/communicators/ssh). Undefined after a mistake that was reported.
 */
export function readCommunicator(options: Options): Communicator | undefined {
  const kind = options.string('communicator') ?? 'ssh';
  const ssh = readSsh(options, kind === 'ssh');
  for (const name of winrmNames) options.ignore(name);
  switch (kind) {
    case 'ssh':
      return ssh;
    case 'none':
      return { kind: 'none' };
    case 'winrm':
      options.error('communicator', 'Kiln does not speak WinRM', sshOnWindows);
      return undefined;
    default:
      options.error('communicator', `"communicator" is ssh or none, not "${kind}"`);
      return undefined;
  }
}

const sshOnWindows =
  'let the installation of Windows add its OpenSSH server, with "Add-WindowsCapability -Online -Name ' +
  'OpenSSH.Server~~~~0.0.1.0" and "Set-Service sshd -StartupType Automatic" and "Start-Service sshd", and set ' +
  'communicator to ssh, with ssh_username and ssh_password';

const winrmNames = [
  'winrm_username',
  'winrm_password',
  'winrm_host',
  'winrm_no_proxy',
  'winrm_port',
  'winrm_timeout',
  'winrm_use_ssl',
  'winrm_insecure',
  'winrm_use_ntlm',
];

function readSsh(options: Options, isUsed: boolean): SshCommunicator | undefined {
  const username = options.string('ssh_username');
  if (isUsed && username === undefined) options.missing('ssh_username', 'name the user to log in as');
  const host = options.string('ssh_host');
  const password = options.string('ssh_password');
  const privateKeyFile = keyFile(options, options.renamed('ssh_key_path', 'ssh_private_key_file'), isUsed);
  const certificateFile = keyFile(options, 'ssh_certificate_file', isUsed);
  if (certificateFile !== undefined && privateKeyFile === undefined) {
    options.error('ssh_certificate_file', '"ssh_certificate_file" needs "ssh_private_key_file"');
  }
  options.refuse('ssh_public_key', 'it is internal to Packer', 'use ssh_private_key_file');
  options.refuse('ssh_private_key', 'it is internal to Packer', 'use ssh_private_key_file');
  options.ignore('ssh_keypair_name', 'it names a key of a cloud');
  const timeout = options.duration(options.renamed('ssh_wait_timeout', 'ssh_timeout'));
  const attempts = options.integer('ssh_handshake_attempts');
  const ciphers = options.strings('ssh_ciphers');
  const exchanges = options.strings('ssh_key_exchange_algorithms');
  const bastion = readBastion(options, isUsed, privateKeyFile, certificateFile);
  const proxy = readProxy(options);
  if (bastion && proxy)
    options.error('ssh_proxy_host', 'only one of "ssh_bastion_host" and "ssh_proxy_host" is possible');
  return {
    ...sshDefaults,
    ...(host !== undefined && { host }),
    port: port(options, 'ssh_port') ?? sshDefaults.port,
    username: username ?? '',
    ...(password !== undefined && { password }),
    ...(privateKeyFile !== undefined && { privateKeyFile }),
    ...(certificateFile !== undefined && { certificateFile }),
    agentAuth: options.boolean('ssh_agent_auth'),
    disableAgentForwarding: options.boolean(
      options.renamed('ssh_disable_agent', 'ssh_disable_agent_forwarding'),
    ),
    temporaryKey: readTemporaryKey(options),
    pty: options.boolean('ssh_pty'),
    timeout: timeout || (attempts ? day : sshDefaults.timeout),
    handshakeAttempts: attempts || (timeout ? anyNumberOfAttempts : sshDefaults.handshakeAttempts),
    keepAliveInterval: options.duration('ssh_keep_alive_interval') || sshDefaults.keepAliveInterval,
    readWriteTimeout: options.duration('ssh_read_write_timeout') ?? 0,
    pauseBeforeConnecting: options.duration('pause_before_connecting') ?? 0,
    fileTransfer: options.oneOf('ssh_file_transfer_method', ['scp', 'sftp']) ?? 'scp',
    ...(ciphers.length > 0 && { ciphers }),
    ...(exchanges.length > 0 && { keyExchangeAlgorithms: exchanges }),
    clearAuthorizedKeys: options.boolean('ssh_clear_authorized_keys'),
    ...(bastion && { bastion }),
    ...(proxy && { proxy }),
    remoteTunnels: readTunnels(options, 'ssh_remote_tunnels'),
    localTunnels: readTunnels(options, 'ssh_local_tunnels'),
  };
}

function readTemporaryKey(options: Options): SshCommunicator['temporaryKey'] {
  const type = options.oneOf('temporary_key_pair_type', ['rsa', 'ed25519', 'ecdsa', 'dsa']);
  const bits = options.integer('temporary_key_pair_bits');
  const name = options.string('temporary_key_pair_name');
  return {
    type: type ?? (bits ? 'rsa' : sshDefaults.temporaryKey.type),
    ...(bits && { bits }),
    ...(name !== undefined && { name }),
  };
}

function readBastion(
  options: Options,
  isUsed: boolean,
  privateKeyFile: string | undefined,
  certificateFile: string | undefined,
): SshBastion | undefined {
  const host = options.string('ssh_bastion_host');
  const password = options.string('ssh_bastion_password');
  const ownKey = keyFile(options, 'ssh_bastion_private_key_file', isUsed);
  const ownCertificate = keyFile(options, 'ssh_bastion_certificate_file', isUsed);
  const key = ownKey ?? privateKeyFile;
  const certificate = ownKey === undefined ? certificateFile : ownCertificate;
  const bastion = {
    port: port(options, 'ssh_bastion_port') ?? 22,
    username: options.string('ssh_bastion_username') ?? '',
    agentAuth: options.boolean('ssh_bastion_agent_auth'),
    interactive: options.boolean('ssh_bastion_interactive'),
  };
  if (ownCertificate !== undefined && ownKey === undefined) {
    options.error(
      'ssh_bastion_certificate_file',
      '"ssh_bastion_certificate_file" needs "ssh_bastion_private_key_file"',
    );
  }
  if (host === undefined) return undefined;
  if (password === undefined && key === undefined && !bastion.agentAuth) {
    options.error(
      'ssh_bastion_host',
      'nothing says how to log in at the bastion',
      'give ssh_bastion_password, ssh_bastion_private_key_file or ssh_bastion_agent_auth',
    );
  }
  return {
    ...bastion,
    host,
    ...(password !== undefined && { password }),
    ...(key !== undefined && { privateKeyFile: key }),
    ...(certificate !== undefined && { certificateFile: certificate }),
  };
}

function readProxy(options: Options): SshCommunicator['proxy'] {
  const host = options.string('ssh_proxy_host');
  const username = options.string('ssh_proxy_username');
  const password = options.string('ssh_proxy_password');
  const proxyPort = port(options, 'ssh_proxy_port') ?? 1080;
  if (host === undefined) return undefined;
  return {
    host,
    port: proxyPort,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

function readTunnels(options: Options, name: string): readonly string[] {
  const tunnels = options.strings(name);
  for (const tunnel of tunnels) {
    if (!/^(?:[^:]+:)?\d+:[^:]+:\d+$/.test(tunnel)) {
      options.error(name, `the tunnel "${tunnel}" is not of the form port:host:port`);
    }
  }
  return tunnels;
}

function keyFile(options: Options, name: string, isUsed: boolean): string | undefined {
  const path = options.string(name);
  if (path === undefined) return undefined;
  if (isUsed) options.context.mustExist(path, 'key file', options.placeOf(name));
  return options.context.path(path);
}

/** A port; undefined when it is left out or 0. */
export function port(options: Options, name: string): number | undefined {
  const value = options.integer(name);
  if (!value) return undefined;
  if (value > 0 && value < 65_536) return value;
  options.error(name, `"${name}" must be a port between 1 and 65535, not ${value}`);
  return undefined;
}
