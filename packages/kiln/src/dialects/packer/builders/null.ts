import type { NullSource } from '../../../plan/source.ts';
import { readCommunicator } from '../communicator.ts';
import type { Options } from '../options.ts';

/** Packer's null builder: steps for a machine that is there already. Undefined after a mistake that was reported. */
export function readNullBuilder(options: Options): NullSource | undefined {
  const communicator = readCommunicator(options);
  options.finish();
  if (communicator?.kind === 'ssh') {
    if (communicator.host === undefined) {
      options.missing('ssh_host', 'name the machine to log in to');
    }
    const ways = [communicator.agentAuth, communicator.password, communicator.privateKeyFile].filter(Boolean);
    if (ways.length === 0) {
      options.error(
        undefined,
        'nothing says how to log in',
        'give one of ssh_password, ssh_private_key_file and ssh_agent_auth',
      );
    }
    if (ways.length > 1) {
      options.error(
        undefined,
        'only one of ssh_password, ssh_private_key_file and ssh_agent_auth is possible',
      );
    }
  }
  return communicator && { kind: 'null', communicator };
}
