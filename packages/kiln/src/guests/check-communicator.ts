import type { Communicator } from '../plan/communicator.ts';

/** What of a communicator Kiln cannot do, each by its option's name; empty when fine. */
export function checkCommunicator(communicator: Communicator): readonly string[] {
  if (communicator.kind !== 'ssh') return [];
  const options = [
    ['ssh_certificate_file', communicator.certificateFile],
    ['ssh_bastion_certificate_file', communicator.bastion?.certificateFile],
  ] as const;
  const used = options.find(([, file]) => file !== undefined);
  return used
    ? [
        `${used[0]}: Kiln's SSH library signs logins with plain keys only (let the machine accept the plain key, and leave the certificate out)`,
      ]
    : [];
}
