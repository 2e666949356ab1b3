import { sleep } from '../base/cancellation.ts';
import { formatDuration } from '../base/durations.ts';
import type { Guest } from './guest.ts';
import type { SshConnection } from './ssh-connection.ts';
import { type Credential, readCredentials } from './ssh-credentials.ts';
import { SshGuest } from './ssh-guest.ts';
import type { SshConnectOptions } from './ssh-options.ts';
import { reachSshServer } from './ssh-reach.ts';
import { routeTo, type SshRoute } from './ssh-route.ts';
import { openTunnels, parseTunnel, type SshTunnels } from './ssh-tunnels.ts';

/**
 * Waits for the machine's SSH server and logs in. A server that is ready is found within a quarter of a second;
 * login refusals are tried again `handshakeAttempts` times, for accounts that are made late in a first boot.
 * @throws KilnError `guest-unreachable`, `guest-login-refused`, `unsupported`, `file-missing`, `cancelled`
 */
export async function connectSsh(options: SshConnectOptions): Promise<Guest> {
  const { communicator, signal } = options;
  const say = options.onMessage ?? (() => {});
  const tunnels = {
    local: communicator.localTunnels.map((text) => parseTunnel(text, 'local')),
    remote: communicator.remoteTunnels.map((text) => parseTunnel(text, 'remote')),
  };
  // Loading the library takes longer than everything else that Kiln does before its first event.
  const ssh2 = (await import('ssh2')).default;
  const agentSocket = options.agentSocket ?? process.env['SSH_AUTH_SOCK'];
  const credentials = await readCredentials(
    {
      agentSocket: communicator.agentAuth ? agentSocket : undefined,
      privateKeyFile: communicator.privateKeyFile,
      certificateFile: communicator.certificateFile,
      privateKeys: options.privateKeys,
      password: options.password,
      folder: options.folder,
    },
    ssh2.utils,
  );
  const route = await routeTo(options, ssh2);
  let opened: SshTunnels | undefined;
  const close = async () => {
    await opened?.close();
    await route.close();
  };
  const connect = (timeout: number, own: AbortSignal | undefined) =>
    reach(options, ssh2, route, credentials, timeout, own, agentSocket);
  try {
    let first = await connect(communicator.timeout, signal);
    if (communicator.pauseBeforeConnecting > 0) {
      await first.end();
      say(`Pausing ${formatDuration(communicator.pauseBeforeConnecting)} before the connection is used`);
      await sleep(communicator.pauseBeforeConnecting, signal);
      first = await connect(communicator.timeout, signal);
    }
    opened = await openTunnels(tunnels, first);
    return new SshGuest(first, {
      connect: async (own) => {
        const again = await connect(options.reconnectTimeout ?? communicator.timeout, own);
        await opened!.moveTo(again);
        return again;
      },
      pty: communicator.pty,
      fileTransfer: communicator.fileTransfer,
      folders: communicator.folders,
      onMessage: say,
      close,
    });
  } catch (error) {
    await close();
    throw error;
  }
}

function reach(
  options: SshConnectOptions,
  ssh2: typeof import('ssh2'),
  route: SshRoute,
  credentials: readonly Credential[],
  timeout: number,
  signal: AbortSignal | undefined,
  agentSocket: string | undefined,
): Promise<SshConnection> {
  const { communicator } = options;
  return reachSshServer(ssh2, {
    open: route.open,
    timeout,
    attempts: communicator.handshakeAttempts,
    eager: options.eager,
    signal,
    onMessage: options.onMessage,
    login: {
      username: communicator.username,
      address: `${options.host}:${options.port}`,
      credentials,
      ciphers: communicator.ciphers,
      keyExchangeAlgorithms: communicator.keyExchangeAlgorithms,
      forwardAgent: communicator.disableAgentForwarding ? undefined : agentSocket || undefined,
      keepAliveInterval: communicator.keepAliveInterval,
      readWriteTimeout: communicator.readWriteTimeout,
      hostKeys: options.hostKeys,
      onHostKey: options.onHostKey,
    },
  });
}
