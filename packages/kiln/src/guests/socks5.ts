import { connect, type Socket } from 'node:net';
import { KilnError } from '../base/errors.ts';

export interface SocksProxy {
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

const version = 5;
const noAuthentication = 0;
const userAndPassword = 2;

const refusals: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'no answer in time',
};

/**
 * Opens a connection through a SOCKS5 proxy (RFC 1928, with user and password by RFC 1929). The proxy resolves
 * the name.
 * @throws KilnError `guest-login-refused` when the proxy wants other credentials
 * @throws Error for everything that may pass, such as a refused connection
 */
export async function connectThroughSocks(
  proxy: SocksProxy,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = await openTcp(proxy.host, proxy.port, signal);
  const onAbort = () => socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await handshake(socket, proxy, host, port);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Opens a TCP connection. */
export function openTcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const finish = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('connect', onConnect);
      settle();
    };
    const onConnect = () => finish(() => resolve(socket));
    const onError = (error: Error) => finish(() => reject(error));
    const onAbort = () =>
      finish(() => {
        socket.on('error', () => {});
        socket.destroy();
        reject(new Error('no answer'));
      });
    socket.once('error', onError).once('connect', onConnect);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

async function handshake(socket: Socket, proxy: SocksProxy, host: string, port: number): Promise<void> {
  const { username } = proxy;
  const methods = username === undefined ? [noAuthentication] : [noAuthentication, userAndPassword];
  socket.write(Buffer.from([version, methods.length, ...methods]));
  const [answeredVersion, method] = await read(socket, 2);
  if (answeredVersion !== version) throw new Error(`${proxy.host}:${proxy.port} is no SOCKS5 proxy`);
  if (method === userAndPassword && username !== undefined) {
    const user = Buffer.from(username);
    const password = Buffer.from(proxy.password ?? '');
    socket.write(
      Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]),
    );
    const [, status] = await read(socket, 2);
    if (status !== 0) throw refused(proxy, `the login of user ${username}`);
  } else if (method !== noAuthentication) {
    throw refused(proxy, username === undefined ? 'a connection without a login' : 'every way to log in');
  }
  const name = Buffer.from(host);
  const portBytes = Buffer.from([port >> 8, port & 0xff]);
  socket.write(Buffer.concat([Buffer.from([version, 1, 0, 3, name.length]), name, portBytes]));
  const [, reply, , kind] = await read(socket, 4);
  if (reply !== 0) {
    throw new Error(`the proxy could not connect: ${refusals[reply ?? 1] ?? `answer ${reply}`}`);
  }
  const addressLength = kind === 1 ? 4 : kind === 4 ? 16 : (await read(socket, 1))[0]!;
  await read(socket, addressLength + 2);
}

function refused(proxy: SocksProxy, what: string): KilnError {
  return new KilnError('guest-login-refused', `the proxy ${proxy.host}:${proxy.port} refused ${what}`, {
    hint: 'check the user and password of the proxy',
  });
}

/** Exactly so many bytes; what follows stays unread for whoever uses the stream next. */
function read(socket: Socket, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      socket.off('readable', onReadable).off('error', onError).off('close', onClose);
      settle();
    };
    const onReadable = () => {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes && bytes.length === length) finish(() => resolve(bytes));
    };
    const onError = (error: Error) => finish(() => reject(error));
    const onClose = () => finish(() => reject(new Error('the proxy closed the connection')));
    socket.on('readable', onReadable).on('error', onError).on('close', onClose);
    onReadable();
  });
}
