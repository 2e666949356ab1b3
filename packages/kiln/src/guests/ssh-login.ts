import type { Duplex } from 'node:stream';
import type { AnyAuthMethod, Client, ConnectConfig, Prompt } from 'ssh2';
import { cancelled } from '../base/cancellation.ts';
import { KilnError, messageOf } from '../base/errors.ts';
import { dropIdentification, softwareName } from './identification.ts';
import { SshConnection } from './ssh-connection.ts';
import type { Credential } from './ssh-credentials.ts';

export interface LoginOptions {
  readonly username: string;
  /** `host:port`, for messages. */
  readonly address: string;
  readonly credentials: readonly Credential[];
  readonly ciphers?: readonly string[] | undefined;
  readonly keyExchangeAlgorithms?: readonly string[] | undefined;
  /** Socket of the agent that the machine may use; undefined to forward none. */
  readonly forwardAgent?: string | undefined;
  readonly keepAliveInterval: number;
  readonly readWriteTimeout: number;
  readonly hostKeys?: readonly string[] | undefined;
  readonly onHostKey?: ((key: string) => void) | undefined;
  /** Longest time from the first byte to being logged in. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** The server heard every login we have and accepted none. May pass: accounts are often made late in a boot. */
export class LoginRefused extends Error {
  readonly tried: readonly string[];

  constructor(tried: readonly string[], cause: unknown) {
    super(`login refused, tried ${tried.join(', ') || 'nothing'}`, { cause });
    this.tried = tried;
  }
}

/**
 * A machine under load may be silent for long, and a build must outlast that; a machine that has rebooted answers
 * the first keep-alive with a reset.
 */
const longestKeepAliveSilence = 60_000;

/**
 * Shakes hands and logs in on a stream to an SSH server, on which the client's identification has been sent.
 * @throws LoginRefused when the server accepts none of the credentials
 * @throws KilnError `guest-login-refused` for a host key that is not a known one, `unsupported` when there is no
 * common algorithm, `cancelled`
 * @throws Error for everything that may pass by itself, such as a broken connection
 */
export async function logIn(
  ssh2: typeof import('ssh2'),
  stream: Duplex,
  options: LoginOptions,
): Promise<SshConnection> {
  const client = new ssh2.Client();
  dropIdentification(stream);
  const auth = new AuthSequence(options);
  let hostKeyRefused = false;
  const config: ConnectConfig & { sock: Duplex } = {
    sock: stream,
    ident: softwareName,
    username: options.username,
    readyTimeout: Math.max(1, options.timeout),
    keepaliveInterval: Math.max(0, options.keepAliveInterval),
    keepaliveCountMax: Math.max(
      3,
      Math.ceil(longestKeepAliveSilence / Math.max(1, options.keepAliveInterval)),
    ),
    algorithms: algorithms(options),
    hostVerifier: (key: Buffer) => {
      const shown = `${keyType(key)} ${key.toString('base64')}`;
      hostKeyRefused =
        options.hostKeys !== undefined && !options.hostKeys.some((known) => sameKey(known, shown));
      if (!hostKeyRefused) options.onHostKey?.(shown);
      return !hostKeyRefused;
    },
    authHandler: (methods, _partial, next) => auth.next(methods, next),
    ...(options.forwardAgent ? { agent: options.forwardAgent } : {}),
  };
  try {
    await ready(client, config, options.signal);
  } catch (error) {
    client.on('error', () => {}); // whatever else the broken connection has to say
    stream.destroy();
    if (hostKeyRefused) {
      throw new KilnError(
        'guest-login-refused',
        `${options.address} shows another host key than it used to`,
        {
          hint: 'another machine may answer at this address',
          cause: error,
        },
      );
    }
    throw explain(error, auth, options);
  }
  client.on('error', () => {}); // a close always follows, and that is what counts
  if (options.readWriteTimeout > 0) watchSilence(stream, options.readWriteTimeout);
  return new SshConnection(
    client,
    `${options.username}@${options.address}`,
    options.forwardAgent !== undefined,
  );
}

function ready(client: Client, config: ConnectConfig, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled());
    const finish = (settle: () => void) => {
      signal?.removeEventListener('abort', onAbort);
      client.off('error', onError).off('close', onClose).off('ready', onReady);
      settle();
    };
    const onAbort = () => finish(() => reject(cancelled()));
    const onReady = () => finish(resolve);
    const onClose = () => finish(() => reject(new Error('the connection was closed')));
    const onError = (error: Error & { level?: string }) => {
      // An agent that does not answer is one way less; ssh2 goes on with the next.
      if (error.level !== 'agent') finish(() => reject(error));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    client.on('error', onError).on('close', onClose).on('ready', onReady);
    try {
      client.connect(config);
    } catch (error) {
      finish(() => reject(error));
    }
  });
}

/** Offers one credential after the other and keeps account of what the server has refused. */
class AuthSequence {
  readonly tried: string[] = [];
  /** Whether the server has answered a login with a refusal. */
  refused = false;
  readonly #steps: { readonly label: string; readonly name: string; readonly method: AnyAuthMethod }[] = [];

  constructor({ username, credentials }: LoginOptions) {
    const add = (label: string, name: string, method: AnyAuthMethod) =>
      this.#steps.push({ label, name, method });
    for (const credential of credentials) {
      if (credential.kind === 'agent') {
        add(credential.label, 'publickey', { type: 'agent', username, agent: credential.socket });
      } else if (credential.kind === 'key') {
        add(credential.label, 'publickey', { type: 'publickey', username, key: credential.key });
      } else {
        const { password } = credential;
        add(credential.label, 'password', { type: 'password', username, password });
        add('keyboard-interactive', 'keyboard-interactive', {
          type: 'keyboard-interactive',
          username,
          prompt: (_name, _instructions, _language, prompts: Prompt[], finish) =>
            finish(prompts.map(() => password)),
        });
      }
    }
    // Some machines let a user in without anything.
    add('none', 'none', { type: 'none', username });
  }

  next(allowed: readonly string[] | null, proceed: (method: AnyAuthMethod) => void): false | undefined {
    if (allowed) this.refused = true;
    for (;;) {
      const step = this.#steps.shift();
      if (!step) return false;
      const offered = !allowed || step.name === 'none' || allowed.includes(step.name);
      if (step.name !== 'none') this.tried.push(offered ? step.label : `${step.label} (not accepted there)`);
      if (!offered) continue;
      proceed(step.method);
      return undefined;
    }
  }
}

function explain(error: unknown, auth: AuthSequence, options: LoginOptions): unknown {
  if (error instanceof KilnError) return error;
  const message = messageOf(error);
  const noCommon = /no matching (.+)$/.exec(message);
  if (noCommon) {
    return new KilnError('unsupported', `${options.address} and Kiln have no common SSH ${noCommon[1]}`, {
      hint: 'leave the ciphers and key exchange algorithms to Kiln, or name ones that both know',
      cause: error,
    });
  }
  const unknown = /^Unsupported algorithm: (.+)$/.exec(message);
  if (unknown) {
    return new KilnError('unsupported', `the SSH algorithm "${unknown[1]}" is not known to Kiln`, {
      cause: error,
    });
  }
  return auth.refused ? new LoginRefused(auth.tried, error) : error;
}

function algorithms(options: LoginOptions): NonNullable<ConnectConfig['algorithms']> {
  const chosen: Record<string, readonly string[]> = {};
  if (options.ciphers?.length) chosen['cipher'] = options.ciphers;
  if (options.keyExchangeAlgorithms?.length) chosen['kex'] = options.keyExchangeAlgorithms;
  if (options.hostKeys?.length) {
    // A server has several keys and shows the one we ask for first: ask for a kind we know.
    const types = options.hostKeys.map((key) => key.trim().split(/\s+/)[0]!);
    chosen['serverHostKey'] = [
      ...new Set(
        types.flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', type] : [type])),
      ),
    ];
  }
  return chosen as NonNullable<ConnectConfig['algorithms']>;
}

/** The first field of a key in SSH's wire format (RFC 4253, section 6.6) is its type. */
function keyType(blob: Buffer): string {
  return blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
}

function sameKey(known: string, shown: string): boolean {
  return known.trim().split(/\s+/).slice(0, 2).join(' ') === shown;
}

/** Breaks a connection on which nothing has arrived for so long. */
function watchSilence(stream: Duplex, longest: number): void {
  let last = performance.now();
  stream.on('data', () => {
    last = performance.now();
  });
  const timer = setInterval(
    () => {
      if (performance.now() - last >= longest) stream.destroy();
    },
    Math.min(1000, longest / 4),
  );
  timer.unref();
  stream.once('close', () => clearInterval(timer));
}
