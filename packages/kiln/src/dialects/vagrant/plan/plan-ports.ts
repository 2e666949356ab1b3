import type { MachineSpec, PortForward } from '../../../plan/machine-spec.ts';
import { isTruthy, mapOf } from '../finish/coerce.ts';
import type { ForwardedPort } from '../vagrant-config.ts';
import type { Planning } from './planning.ts';

type PlannedPorts = Pick<MachineSpec, 'ports' | 'sshForward' | 'portRange'>;

/** The one that QEMU's own network gives a machine. */
const ownAddresses: readonly (string | undefined)[] = [undefined, '', '0.0.0.0', '10.0.2.15'];

/**
 * Ports of the host that lead to the machine. That of SSH is Kiln's own forward: its number is a wish, and it is always
 * there. Without `host_ip` a port is open on all addresses of the host, with libvirt on the local one.
 */
export function planPorts(planning: Planning): PlannedPorts {
  const forwarded = planning.machine.networks.filter((one) => one.kind === 'forwarded_port');
  const enabled = forwarded.filter(({ options }) => !isTruthy(options['disabled']));
  const ssh = enabled.find(({ id, protocol }) => id === 'ssh' && protocol === 'tcp');
  const forward = ssh && portForward(ssh, planning);
  const range = portRange(planning);
  return {
    ports: enabled.filter((one) => one !== ssh).map((one) => portForward(one, planning)),
    ...(forward !== undefined && {
      sshForward: { host: forward.host, hostAddress: sshAddress(ssh!), autoCorrect: forward.autoCorrect },
    }),
    ...(range !== undefined && { portRange: range }),
  };
}

function portForward(port: ForwardedPort, planning: Planning): PortForward {
  const { guest, host, hostIp, guestIp, autoCorrect, protocol, at } = port;
  if (!ownAddresses.includes(guestIp)) {
    planning.warn(`a forwarded port leads to the machine's first card, not to ${guestIp}`, at);
  }
  const provider = planning.machine.provider;
  const isLibvirt = provider === 'libvirt' || planning.machine.hardware.from.includes('libvirt');
  return {
    guest,
    host,
    hostAddress:
      hostIp === undefined || hostIp === '' || hostIp === '*'
        ? isLibvirt
          ? '127.0.0.1'
          : '0.0.0.0'
        : hostIp,
    protocol: protocol.toLowerCase() === 'udp' ? 'udp' : 'tcp',
    autoCorrect,
  };
}

/** Nobody but this host has business there unless the file says so. */
function sshAddress({ hostIp }: ForwardedPort): string {
  return hostIp === undefined || hostIp === '' ? '127.0.0.1' : hostIp;
}

function portRange({ machine }: Planning): MachineSpec['portRange'] {
  const { first, last } = mapOf(machine.vm.usable_port_range);
  if (typeof first !== 'number' || typeof last !== 'number' || last < first) return undefined;
  return { first, last };
}
