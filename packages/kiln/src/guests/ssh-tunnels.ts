import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AcceptConnection, ClientChannel, RejectConnection, TcpConnectionDetails } from 'ssh2';
import { KilnError, messageOf } from '../base/errors.ts';
import type { SshConnection } from './ssh-connection.ts';

export interface Tunnel {
  readonly listenHost: string;
  readonly listenPort: number;
  readonly host: string;
  readonly port: number;
}

export interface SshTunnels {
  /** Uses another connection from now on; remote tunnels are asked for again. */
  moveTo(connection: SshConnection): Promise<void>;
  close(): Promise<void>;
}

/**
 * Reads a tunnel in the notation of `ssh -L` and `ssh -R`: `[listen-address:]port:host:hostport`; IPv6 addresses
 * stand in brackets.
 * @throws KilnError `template-invalid`
 */
export function parseTunnel(text: string, kind: 'local' | 'remote'): Tunnel {
  const match = /^(?:(\[[^\]]*\]|[^:]*):)?(\d+):(\[[^\]]+\]|[^:]+):(\d+)$/.exec(text.trim());
  const listenPort = Number(match?.[2]);
  const port = Number(match?.[4]);
  if (!match || listenPort > 65_535 || port > 65_535 || port === 0) {
    throw new KilnError('template-invalid', `the ${kind} tunnel "${text}" is not understood`, {
      hint: 'write port:host:port, as for ssh -L and -R',
    });
  }
  const bare = (host: string) => host.replace(/^\[|\]$/g, '');
  return {
    // An empty address or * means every interface, as in OpenSSH; none at all means this machine only.
    listenHost: match[1] === undefined ? 'localhost' : match[1] === '*' ? '' : bare(match[1]),
    listenPort,
    host: bare(match[3]!),
    port,
  };
}

/** @throws KilnError `already-exists` when a local port is taken, `step-failed` when the machine refuses a remote one */
export async function openTunnels(
  tunnels: { readonly local: readonly Tunnel[]; readonly remote: readonly Tunnel[] },
  connection: SshConnection,
): Promise<SshTunnels> {
  let current = connection;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  };
  const moveTo = async (next: SshConnection) => {
    current = next;
    await forwardRemote(next, tunnels.remote);
  };
  try {
    for (const tunnel of tunnels.local) servers.push(await listen(tunnel, () => current, sockets));
    await moveTo(connection);
  } catch (error) {
    await close();
    throw error;
  }
  return { moveTo, close };
}

function listen(tunnel: Tunnel, connection: () => SshConnection, sockets: Set<Socket>): Promise<Server> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => {});
    const { alive, client } = connection();
    if (!alive) return socket.destroy();
    client.forwardOut('127.0.0.1', socket.remotePort ?? 0, tunnel.host, tunnel.port, (error, channel) => {
      if (error) socket.destroy();
      else join(socket, channel);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new KilnError(
          'already-exists',
          `the local tunnel cannot listen on ${tunnel.listenHost || '*'}:${tunnel.listenPort}: ${messageOf(error)}`,
          { hint: 'choose another port for the tunnel', cause: error },
        ),
      ),
    );
    server.listen({ port: tunnel.listenPort, host: tunnel.listenHost || '::' }, () => resolve(server));
  });
}

async function forwardRemote(connection: SshConnection, tunnels: readonly Tunnel[]): Promise<void> {
  if (tunnels.length === 0) return;
  const { client } = connection;
  client.on(
    'tcp connection',
    (details: TcpConnectionDetails, accept: AcceptConnection<ClientChannel>, reject: RejectConnection) => {
      const tunnel = tunnels.find((one) => one.listenPort === details.destPort);
      if (!tunnel) return reject();
      const socket = connectTcp({ host: tunnel.host, port: tunnel.port });
      const refuse = () => reject();
      socket.once('error', refuse);
      socket.once('connect', () => {
        socket.off('error', refuse);
        join(socket, accept());
      });
    },
  );
  for (const tunnel of tunnels) {
    await new Promise<void>((resolve, reject) => {
      client.forwardIn(tunnel.listenHost, tunnel.listenPort, (error) =>
        error
          ? reject(
              new KilnError(
                'step-failed',
                `the machine refuses the remote tunnel on port ${tunnel.listenPort}: ${messageOf(error)}`,
                { cause: error },
              ),
            )
          : resolve(),
      );
    });
  }
}

function join(a: Duplex, b: Duplex): void {
  a.on('error', () => b.destroy());
  b.on('error', () => a.destroy());
  a.once('close', () => b.destroy());
  b.once('close', () => a.destroy());
  a.pipe(b).pipe(a);
}
