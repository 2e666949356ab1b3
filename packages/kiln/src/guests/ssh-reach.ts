import type { Duplex } from 'node:stream';
import { sleep, throwIfCancelled } from '../base/cancellation.ts';
import { formatDuration } from '../base/durations.ts';
import { KilnError } from '../base/errors.ts';
import { watchForRestart, watchTimesAtLogin, watchTimesFor } from './restart-watch.ts';
import type { SshConnection } from './ssh-connection.ts';
import { type LoginOptions, LoginRefused, logIn } from './ssh-login.ts';
import { describe, findSshServer, type OpenStream, ServerNotFound } from './ssh-server-search.ts';

export interface ReachOptions {
  readonly login: Omit<LoginOptions, 'timeout' | 'signal'>;
  readonly open: OpenStream;
  /** How long the server may take to let us in, in milliseconds. */
  readonly timeout: number;
  /** Refused logins after which it is no use. */
  readonly attempts: number;
  readonly eager?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onMessage?: ((text: string) => void) | undefined;
}

const pauseAfterBreak = 200;
/** Enough for a machine that is busy booting; one that vanished in the middle must not be waited for for ever. */
const longestLogin = 60_000;
/** A refusal may pass while a first boot makes its users; together about as patient as Packer's ten tries. */
const longestPauseAfterRefusal = 3000;

/**
 * Waits for an SSH server and logs in. Only real refusals of the login count as attempts.
 * @throws KilnError `guest-unreachable`, `guest-login-refused`, `unsupported`, `cancelled`
 */
export async function reachSshServer(
  ssh2: typeof import('ssh2'),
  options: ReachOptions,
): Promise<SshConnection> {
  const { login, signal } = options;
  const deadline = performance.now() + options.timeout;
  let lastSeen = 'nothing yet';
  let refusal: LoginRefused | undefined;
  let refusals = 0;
  for (;;) {
    throwIfCancelled(signal ?? neverRaised);
    try {
      const stream = await findSshServer(options.open, { deadline, signal, eager: options.eager });
      const connection = await logInWatched(ssh2, stream, options, deadline);
      if (login.keepAliveInterval > 0) {
        watchForRestart(stream, options.open, watchTimesFor(login.keepAliveInterval));
      }
      return connection;
    } catch (error) {
      if (error instanceof KilnError) throw error;
      if (error instanceof LoginRefused) {
        refusal = error;
        refusals += 1;
        if (refusals >= Math.max(1, options.attempts)) throw loginRefused(refusal, refusals, login);
        if (refusals === 1) options.onMessage?.(`${capital(words(refusal, login))}; trying again`);
        const pause = Math.min(longestPauseAfterRefusal, 200 * 2 ** (refusals - 1));
        await sleep(Math.min(pause, Math.max(0, deadline - performance.now())), signal);
      } else {
        lastSeen = error instanceof ServerNotFound ? error.lastSeen : describe(error);
        await sleep(pauseAfterBreak, signal);
      }
      if (performance.now() >= deadline) {
        if (refusal) throw loginRefused(refusal, refusals, login);
        throw new KilnError(
          'guest-unreachable',
          `no SSH server let us in at ${login.address} within ${formatDuration(options.timeout)}; last seen: ${lastSeen}`,
          { hint: 'look whether the machine has booted and runs an SSH server', cause: error },
        );
      }
    }
  }
}

/** A machine may go down in the middle of a login, such as one that restarts at the end of its first boot. */
async function logInWatched(
  ssh2: typeof import('ssh2'),
  stream: Duplex,
  options: ReachOptions,
  deadline: number,
): Promise<SshConnection> {
  const endWatch = watchForRestart(stream, options.open, watchTimesAtLogin);
  try {
    const timeout = Math.min(longestLogin, deadline - performance.now());
    return await logIn(ssh2, stream, { ...options.login, timeout, signal: options.signal });
  } finally {
    endWatch();
  }
}

const neverRaised = new AbortController().signal;

function words(refusal: LoginRefused, login: ReachOptions['login']): string {
  const tried = refusal.tried.length > 0 ? refusal.tried.join(', ') : 'no password and no key';
  return `${login.address} refused the login of user ${login.username} (tried: ${tried})`;
}

function loginRefused(refusal: LoginRefused, times: number, login: ReachOptions['login']): KilnError {
  return new KilnError(
    'guest-login-refused',
    `${words(refusal, login)}${times > 1 ? `, ${times} times` : ''}`,
    { hint: 'check the user name and the password or key of the communicator', cause: refusal },
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
