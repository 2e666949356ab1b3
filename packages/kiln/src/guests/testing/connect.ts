import { type SshCommunicator, sshDefaults } from '../../plan/communicator.ts';
import { connectSsh } from '../connect-ssh.ts';
import type { Guest } from '../guest.ts';
import type { SshConnectOptions } from '../ssh-options.ts';
import type { TestSshd } from './sshd.ts';

/** Connects to a test server with its key; `communicator` changes the defaults, which copy folders as kiln.yaml does. */
export function connectTo(
  server: Pick<TestSshd, 'port' | 'username' | 'key'>,
  communicator: Partial<SshCommunicator> = {},
  options: Partial<SshConnectOptions> = {},
): Promise<Guest> {
  return connectSsh({
    communicator: {
      ...sshDefaults,
      folders: 'rsync',
      username: server.username,
      disableAgentForwarding: true,
      ...communicator,
    },
    host: '127.0.0.1',
    port: server.port,
    privateKeys: [server.key.privateKey],
    ...options,
  });
}
