import { KilnError } from '../base/errors.ts';
import { Scope } from '../base/scope.ts';
import { checkCommunicator } from '../guests/check-communicator.ts';
import type { Guest } from '../guests/guest.ts';
import { noGuest } from '../guests/no-guest.ts';
import type { NullSource } from '../plan/source.ts';
import type { Artifact } from './artifact.ts';
import type { Host, HostContext, StartedMachine } from './host.ts';

/** Makes nothing: steps run in a machine that is there already, or nowhere. */
export const nullHost: Host<NullSource> = { check, start };

async function check({ communicator }: NullSource): Promise<readonly string[]> {
  const problems = [...checkCommunicator(communicator)];
  if (communicator.kind === 'ssh' && !communicator.host) {
    problems.push(
      'ssh_host is missing: the null source makes no machine and has to be told which one to use',
    );
  }
  return problems;
}

async function start(source: NullSource, context: HostContext): Promise<StartedMachine> {
  const { communicator } = source;
  if (communicator.kind === 'none') {
    return started(noGuest('the communicator is "none"'), { ConnType: 'none' });
  }
  if (!communicator.host) {
    throw new KilnError('template-invalid', 'ssh_host is missing: the null source makes no machine', {
      hint: 'set ssh_host to the address of the machine to use',
    });
  }
  const undo = new Scope();
  try {
    // Checking a template needs none of this.
    const { connectSsh } = await import('../guests/connect-ssh.ts');
    const { createTemporaryKey } = await import('../guests/temporary-key.ts');
    const key = await createTemporaryKey(communicator.temporaryKey);
    const password = communicator.password === undefined ? undefined : context.render(communicator.password);
    context.say(`Waiting for SSH on ${communicator.host}:${communicator.port}`);
    const guest = await connectSsh({
      communicator,
      host: communicator.host,
      port: communicator.port,
      signal: context.signal,
      onMessage: context.say,
      ...(password === undefined ? {} : { password }),
    });
    return started(guest, {
      ConnType: 'ssh',
      Host: communicator.host,
      Port: String(communicator.port),
      User: communicator.username,
      Password: password ?? '',
      SSHPublicKey: key.publicKey,
      SSHPrivateKey: key.privateKey,
      SSHPrivateKeyFile: communicator.privateKeyFile ?? '',
    });
  } catch (error) {
    await undo.close();
    throw error;
  }
}

function started(guest: Guest, values: Readonly<Record<string, string>>): StartedMachine {
  return {
    guest,
    values: {
      ID: 'Null',
      Host: '',
      Port: '',
      User: '',
      Password: '',
      SSHPublicKey: '',
      SSHPrivateKey: '',
      ...values,
    },
    finish: async () => {
      await guest.close();
      return artifact;
    },
    abandon: () => guest.close(),
  };
}

const artifact: Artifact = {
  builderId: 'fnoeding.null',
  id: 'Null',
  description: 'Did not export anything. This is the null builder',
  files: [],
  destroy: async () => {},
};
