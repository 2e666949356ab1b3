import { KilnError } from '../base/errors.ts';
import type { Qmp } from '../hosts/qemu/qmp.ts';
import type { PortForward } from '../plan/machine-spec.ts';
import { isolated, outsideHub } from './devices.ts';
import { sshForward } from './host-ports.ts';
import type { MachineRecord } from './machine-record.ts';

/*
 * The card that leads out is on a hub of QEMU. Behind it is either `isolated`, a network that leads nowhere and into
 * which nobody gets, or `outside`, QEMU's user network with the machine's forwarded ports. A machine starts isolated:
 * nobody can reach a copy of another machine before it is one of its own. It is also isolated while its state is
 * saved: the state of a network in use would be part of it, and would tie it to the ports it was saved with. There
 * is always one of the two, since a hub with no way out stops the card for good.
 */

const outside = { netdev: 'outside', port: 'outside-port' } as const;

/**
 * Leads the machine out, with its ports.
 * @throws KilnError `locked` when another program has taken a port meanwhile
 */
export async function leadOut(qmp: Qmp, record: MachineRecord): Promise<void> {
  const forwards = [sshForward(record), ...record.ports].map((forward) => ({ str: forwardWords(forward) }));
  const added = await qmp.execute('netdev_add', { type: 'user', id: outside.netdev, hostfwd: forwards });
  if (!added.ok) {
    throw new KilnError('locked', `the ports of ${record.name} cannot be opened: ${added.description}`, {
      hint: 'try again: another program took one of them just now',
    });
  }
  const { netdev, port } = outside;
  await qmp.expect('netdev_add', { type: 'hubport', id: port, hubid: outsideHub, netdev });
  await qmp.expect('netdev_del', { id: isolated.port });
  await qmp.expect('netdev_del', { id: isolated.netdev });
}

/** Closes the machine's ports. Connections end; the machine's own settings stay right for the next `leadOut`. */
export async function isolate(qmp: Qmp): Promise<void> {
  // The machine must not find itself without any way out: it is stopped, or does not look for a moment.
  await qmp.expect('netdev_del', { id: outside.port });
  await qmp.expect('netdev_del', { id: outside.netdev });
  const { netdev, port } = isolated;
  await qmp.expect('netdev_add', { type: 'user', id: netdev, restrict: true });
  await qmp.expect('netdev_add', { type: 'hubport', id: port, hubid: outsideHub, netdev });
}

function forwardWords({ protocol, hostAddress, host, guest }: PortForward): string {
  const address = hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress;
  return `${protocol}:${address}:${host}-:${guest}`;
}
