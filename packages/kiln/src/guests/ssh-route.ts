import type { Duplex } from 'node:stream';
import { cancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import type { SshBastion } from '../plan/communicator.ts';
import { connectThroughSocks, openTcp } from './socks5.ts';
import type { SshConnection } from './ssh-connection.ts';
import { readCredentials } from './ssh-credentials.ts';
import type { SshConnectOptions } from './ssh-options.ts';
import { reachSshServer } from './ssh-reach.ts';
import type { OpenStream } from './ssh-server-search.ts';

/** How byte streams to the machine's SSH port are opened: directly, through a proxy, or through a bastion host. */
export interface SshRoute {
  readonly open: OpenStream;
  /** Ends what the route itself holds open. */
  close(): Promise<void>;
}

/**
 * The route that the communicator asks for. With a bastion host and a proxy, the proxy leads to the bastion.
 * @throws KilnError `guest-unreachable`, `guest-login-refused`, `file-missing`, `unsupported`
 */
export async function routeTo(options: SshConnectOptions, ssh2: typeof import('ssh2')): Promise<SshRoute> {
  const { proxy, bastion } = options.communicator;
  const openTo =
    (host: string, port: number): OpenStream =>
    (signal) =>
      proxy ? connectThroughSocks(proxy, host, port, signal) : openTcp(host, port, signal);
  if (!bastion) return { open: openTo(options.host, options.port), close: async () => {} };
  const route = new BastionRoute(options, bastion, openTo(bastion.host, bastion.port), ssh2);
  await route.prepare();
  return route;
}

/** One of the many tries while a machine behind a lost bastion is searched for. */
const oneTry = 5000;

class BastionRoute implements SshRoute {
  readonly open: OpenStream;
  readonly #options: SshConnectOptions;
  readonly #bastion: SshBastion;
  readonly #openToBastion: OpenStream;
  readonly #ssh2: typeof import('ssh2');
  #password: string | undefined;
  #connection: Promise<SshConnection> | undefined;
  readonly #closing = new AbortController();

  constructor(
    options: SshConnectOptions,
    bastion: SshBastion,
    openToBastion: OpenStream,
    ssh2: typeof import('ssh2'),
  ) {
    this.#options = options;
    this.#bastion = bastion;
    this.#openToBastion = openToBastion;
    this.#ssh2 = ssh2;
    this.open = (signal) => this.#open(signal);
  }

  /** Asks and connects before the search starts, so that the bastion's own troubles are told as such. */
  async prepare(): Promise<void> {
    this.#password = this.#bastion.password;
    if (this.#bastion.interactive && this.#password === undefined) {
      if (!this.#options.ask) {
        throw new KilnError(
          'unsupported',
          `the password for the bastion host ${this.#bastion.host} has to be typed in, and nobody can be asked here`,
          { hint: 'give ssh_bastion_password, a key or an agent' },
        );
      }
      this.#password = await this.#options.ask(
        `Password of ${this.#bastion.username}@${this.#bastion.host}: `,
      );
    }
    const { communicator, signal } = this.#options;
    this.#connection = this.#logIn(communicator.timeout, signal);
    await this.#connection;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.end();
  }

  /** The connection to the bastion, made again when it broke. Calls that overlap share one attempt. */
  async #connect(): Promise<SshConnection> {
    const last = this.#connection;
    const current = await last?.catch(() => undefined);
    if (current?.alive) return current;
    if (this.#connection === last) this.#connection = this.#logIn(oneTry, this.#closing.signal);
    return await this.#connection!;
  }

  async #logIn(timeout: number, signal: AbortSignal | undefined): Promise<SshConnection> {
    const { communicator, onMessage, folder } = this.#options;
    const bastion = this.#bastion;
    const credentials = await readCredentials(
      {
        agentSocket: bastion.agentAuth
          ? (this.#options.agentSocket ?? process.env['SSH_AUTH_SOCK'])
          : undefined,
        privateKeyFile: bastion.privateKeyFile,
        certificateFile: bastion.certificateFile,
        password: this.#password,
        folder,
      },
      this.#ssh2.utils,
    );
    return reachSshServer(this.#ssh2, {
      open: this.#openToBastion,
      timeout,
      // A bastion is not in the middle of its first boot: a second refusal says it all.
      attempts: 2,
      eager: true,
      signal,
      onMessage,
      login: {
        username: bastion.username,
        address: `the bastion host ${bastion.host}:${bastion.port}`,
        credentials,
        keepAliveInterval: communicator.keepAliveInterval,
        readWriteTimeout: 0,
      },
    });
  }

  async #open(signal: AbortSignal): Promise<Duplex> {
    const connection = await this.#connect();
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(cancelled());
      const onAbort = () => reject(cancelled());
      signal.addEventListener('abort', onAbort, { once: true });
      connection.client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
        signal.removeEventListener('abort', onAbort);
        if (error) reject(new Error(`the bastion host could not connect: ${error.message}`));
        else if (signal.aborted) channel.destroy();
        else resolve(channel);
      });
    });
  }
}
