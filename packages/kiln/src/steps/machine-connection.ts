import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { KilnError } from '../base/errors.ts';
import type { StepContext } from './step-context.ts';

/** How programs of this host reach a machine by SSH. */
export interface MachineConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKeyFile?: string;
  readonly password?: string;
  /** Where the machine's host key is written down, and under which name. */
  readonly knownHosts?: { readonly file: string; readonly alias: string };
}

/**
 * The connection of the step's machine: a machine says it itself; a build's is among its values, and a key that is
 * nowhere else is written to the step's scratch folder.
 * @throws KilnError `unsupported` when the machine is not to be reached by SSH
 */
export async function connectionOf(context: StepContext): Promise<MachineConnection> {
  if (context.connection) return context.connection();
  const { values, folder, scratch } = context;
  const port = Number(values.Port);
  if (!values.Host || !values.User || !(port > 0) || (values.ConnType || 'ssh') !== 'ssh') {
    throw new KilnError('unsupported', 'programs of this host cannot reach this machine by SSH', {
      hint: 'run Ansible inside of it: ansible-local, or `local: true` in kiln.yaml',
    });
  }
  return {
    host: values.Host,
    port,
    user: values.User,
    ...(await keyOf(values, folder, scratch)),
    ...(values.Password ? { password: values.Password } : {}),
  };
}

async function keyOf(
  { SSHPrivateKeyFile: file, SSHPrivateKey: key }: StepContext['values'],
  folder: string,
  scratch: string,
): Promise<{ readonly privateKeyFile?: string }> {
  if (file) return { privateKeyFile: resolve(folder, file) };
  if (!key) return {};
  const path = join(scratch, 'machine-key');
  await writeFile(path, `${key.trimEnd()}\n`, { mode: 0o600 });
  return { privateKeyFile: path };
}
