import type { SshCommunicator } from '../plan/communicator.ts';

export interface SshConnectOptions {
  readonly communicator: SshCommunicator;
  /** Where the machine's SSH port is reached from here, or from the bastion host when there is one. */
  readonly host: string;
  readonly port: number;
  /** The communicator's password with its holes filled. */
  readonly password?: string;
  /**
   * Private keys as OpenSSH or PEM text, tried in order. The communicator's `privateKeyFile` is read besides and
   * tried first.
   */
  readonly privateKeys?: readonly string[];
  /** Folder that relative key files refer to; the current one when not given. */
  readonly folder?: string;
  /**
   * The machine is fast (hardware acceleration, or one that has been up already), so it is looked for with many
   * connections at once. A machine under emulation would be kept busy by them.
   */
  readonly eager?: boolean;
  /** Ends the first connect. Later calls have signals of their own. */
  readonly signal?: AbortSignal;
  /** A line for people, such as a login that was refused and is tried again. */
  readonly onMessage?: (text: string) => void;
  /** Asks the person at the terminal for the bastion's password when the template wants that. */
  readonly ask?: (question: string) => Promise<string>;
  /**
   * Public keys (`type base64`) the machine may show. Without them every key is accepted, as suits a machine that
   * has just been made.
   */
  readonly hostKeys?: readonly string[];
  /** Told the key that the machine showed (`type base64`), to be kept for `hostKeys`. */
  readonly onHostKey?: (key: string) => void;
  /** How long a call waits for the machine to come back after the connection broke; the communicator's timeout. */
  readonly reconnectTimeout?: number;
  /** Path of the ssh-agent's socket; SSH_AUTH_SOCK when not given. */
  readonly agentSocket?: string;
}
