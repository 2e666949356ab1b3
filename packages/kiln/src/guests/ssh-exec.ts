import { cancelled } from '../base/cancellation.ts';
import type { GuestCommand, GuestExit } from './guest.ts';
import { LineSplitter } from './line-splitter.ts';
import type { RemoteSession } from './remote-session.ts';
import type { SshConnection } from './ssh-connection.ts';

/**
 * A command that has ended but whose output a process left behind still holds open would never finish; after so
 * much silence it is taken as finished.
 */
const lingering = 5000;

/**
 * Runs a command to its end on a connection.
 * @throws KilnError `guest-disconnected` when the connection broke before the command was started, `cancelled`
 */
export async function execOverSsh(
  connection: SshConnection,
  command: GuestCommand,
  options: { readonly pty: boolean },
): Promise<GuestExit> {
  const session = await connection.start(command.command, { pty: options.pty, signal: command.signal });
  const stdout = new LineSplitter((line) => command.onLine?.(line, 'stdout'));
  const stderr = new LineSplitter((line) => command.onLine?.(line, 'stderr'));
  const { channel } = session;
  const ending = watchExit(session, command.signal);
  channel.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    ending.stillTalking();
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    ending.stillTalking();
  });
  if (options.pty && command.input !== undefined) {
    // A terminal has no end of file; its end-of-transmission character stands for it.
    channel.write(command.input);
    channel.write('\u0004');
  } else channel.end(command.input);
  try {
    return await ending.exit;
  } finally {
    stdout.end();
    stderr.end();
  }
}

function watchExit(session: RemoteSession, signal: AbortSignal | undefined) {
  const { channel } = session;
  const { promise: exit, resolve, reject } = Promise.withResolvers<GuestExit>();
  let impatience: NodeJS.Timeout | undefined;
  const finish = () => {
    clearTimeout(impatience);
    signal?.removeEventListener('abort', onAbort);
  };
  const onAbort = () => {
    finish();
    channel.signal('TERM');
    channel.close();
    reject(cancelled());
  };
  const stillTalking = () => {
    if (!session.exit) return;
    clearTimeout(impatience);
    impatience = setTimeout(() => channel.close(), lingering);
  };
  session.onExit = stillTalking;
  stillTalking();
  void session.closed.then((end) => {
    finish();
    resolve(end);
  });
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  return { exit, stillTalking };
}
