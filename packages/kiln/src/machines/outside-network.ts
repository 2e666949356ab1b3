import { KilnError } from '../base/errors.ts';
import type { Qmp } from '../hosts/qemu/qmp.ts';
import type { PortForward } from '../plan/machine-spec.ts';
import { isolated, outsideHub } from './devices.ts';
import { sshForward } from './host-ports.ts';
import type { MachineRecord } from './machine-record.ts';

/*
 * The card that leads out is on a hub of QEMU. Behind it is either `isolated`, a network in which nothing is heard, or
 * `outside`, QEMU's user network with the machine's forwarded ports. A machine is isolated while its state is saved: the
 * state of a network in use would be part of it, and would tie it to the ports it was saved with. It starts so as well.
 * There is always one of the two, since a hub with no way out stops the card for good.
 */

const outside = { netdev: 'outside', port: 'outside-port' } as const;

/** Has nothing be heard in the network that a machine starts in: not even addresses are given out. */
export async function silence(qmp: Qmp): Promise<void> {
  await qmp.expect('set_link', { name: isolated.netdev, up: false });
}

/**
 * Leads the machine out; nobody gets in before `openForwards`. A machine that runs already looks for its address anew
 * when its card gets another, and must find it then.
 */
export async function leadOut(qmp: Qmp): Promise<void> {
  const { netdev, port } = outside;
  await qmp.expect('netdev_add', { type: 'user', id: netdev });
  await qmp.expect('netdev_add', { type: 'hubport', id: port, hubid: outsideHub, netdev });
  await qmp.expect('netdev_del', { id: isolated.port });
  await qmp.expect('netdev_del', { id: isolated.netdev });
}

/**
 * Opens the machine's ports, all or none.
 * @throws KilnError `locked` when another program has taken one of them
 */
export async function openForwards(qmp: Qmp, record: MachineRecord): Promise<void> {
  const open: string[] = [];
  for (const forward of [sshForward(record), ...record.ports]) {
    const words = forwardWords(forward);
    // QEMU has no other command for it; what it prints is a complaint.
    const complaint = await monitor(qmp, `hostfwd_add ${outside.netdev} ${words}`);
    if (complaint === '') {
      open.push(words);
      continue;
    }
    for (const other of open)
      await monitor(qmp, `hostfwd_remove ${outside.netdev} ${other.replace(/-.*$/, '')}`);
    throw new KilnError('locked', `the ports of ${record.name} cannot be opened: ${complaint}`, {
      hint: 'try again: another program took one of them just now',
    });
  }
}

/** Closes the machine's ports. Connections end; the machine, which must be stopped, notices nothing. */
export async function isolate(qmp: Qmp): Promise<void> {
  await qmp.expect('netdev_del', { id: outside.port });
  await qmp.expect('netdev_del', { id: outside.netdev });
  const { netdev, port } = isolated;
  await qmp.expect('netdev_add', { type: 'user', id: netdev, restrict: true });
  await silence(qmp);
  await qmp.expect('netdev_add', { type: 'hubport', id: port, hubid: outsideHub, netdev });
}

async function monitor(qmp: Qmp, line: string): Promise<string> {
  return (await qmp.expect<string>('human-monitor-command', { 'command-line': line })).trim();
}

function forwardWords({ protocol, hostAddress, host, guest }: PortForward): string {
  const address = hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress;
  return `${protocol}:${address}:${host}-:${guest}`;
}
