import type { Text } from './text.ts';

/** How a build or a machine is talked to. Durations in milliseconds. */
export type Communicator = SshCommunicator | NoCommunicator;

export interface NoCommunicator {
  readonly kind: 'none';
}

export interface SshCommunicator {
  readonly kind: 'ssh';
  /** Address of the machine when the host cannot tell it; the `null` source needs it. */
  readonly host?: string;
  /** Port inside the machine. */
  readonly port: number;
  readonly username: string;
  readonly password?: Text;
  readonly privateKeyFile?: string;
  readonly certificateFile?: string;
  /** Use the keys of the running ssh-agent (SSH_AUTH_SOCK). */
  readonly agentAuth: boolean;
  readonly disableAgentForwarding: boolean;
  /** The key pair made for this build; offered to the machine, and used when nothing else is given. */
  readonly temporaryKey: {
    readonly type: 'rsa' | 'ed25519' | 'ecdsa' | 'dsa';
    readonly bits?: number;
    readonly name?: string;
  };
  readonly pty: boolean;
  /** How long the machine may take to answer at all. */
  readonly timeout: number;
  /** Real refusals of the login after which Kiln gives up. */
  readonly handshakeAttempts: number;
  /** Between two keep-alives; 0 or less for none. */
  readonly keepAliveInterval: number;
  /** Longest silence on the connection before it counts as broken; 0 for no limit. */
  readonly readWriteTimeout: number;
  readonly pauseBeforeConnecting: number;
  readonly fileTransfer: 'scp' | 'sftp';
  /**
   * What becomes of folders and the links in them. `scp`: as `scp -r` does, and with it Packer: a folder sent to
   * where nothing is becomes what was asked for, a fetched one keeps its name, links are followed. `rsync`: only the
   * slash behind the source decides, and links stay links.
   */
  readonly folders: 'scp' | 'rsync';
  readonly ciphers?: readonly string[];
  readonly keyExchangeAlgorithms?: readonly string[];
  /** Remove the temporary key from the machine's authorized_keys at the end. */
  readonly clearAuthorizedKeys: boolean;
  readonly bastion?: SshBastion;
  readonly proxy?: {
    readonly host: string;
    readonly port: number;
    readonly username?: string;
    readonly password?: string;
  };
  /** OpenSSH's -R notation: `listen:host:port`. */
  readonly remoteTunnels: readonly string[];
  /** OpenSSH's -L notation. */
  readonly localTunnels: readonly string[];
}

export interface SshBastion {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password?: string;
  readonly privateKeyFile?: string;
  readonly certificateFile?: string;
  readonly agentAuth: boolean;
  readonly interactive: boolean;
}

/** OpenSSH-like defaults with Packer's numbers. */
export const sshDefaults = {
  kind: 'ssh',
  port: 22,
  agentAuth: false,
  disableAgentForwarding: false,
  temporaryKey: { type: 'ed25519' },
  pty: false,
  timeout: 300_000,
  handshakeAttempts: 10,
  keepAliveInterval: 5_000,
  readWriteTimeout: 0,
  pauseBeforeConnecting: 0,
  fileTransfer: 'scp',
  folders: 'scp',
  clearAuthorizedKeys: false,
  remoteTunnels: [],
  localTunnels: [],
} as const satisfies Omit<SshCommunicator, 'username'>;
