import { isIPv6 } from 'node:net';
import type { MachineNetwork } from '../../../plan/machine-network.ts';
import { isTruthy, textOr, textsOf } from '../finish/coerce.ts';
import type { MachineNetwork as VagrantNetwork } from '../vagrant-config.ts';
import { plainMac } from './plan-hardware.ts';
import type { Planning } from './planning.ts';

/** Cards of the machine beside the one that leads out. */
export function planNetworks(planning: Planning): readonly MachineNetwork[] {
  return planning.machine.networks.flatMap((one): MachineNetwork[] => {
    if (one.kind === 'forwarded_port' || isTruthy(one.options['disabled'])) return [];
    return [planNetwork(one, planning)];
  });
}

function planNetwork(network: VagrantNetwork, planning: Planning): MachineNetwork {
  const { kind, id, ip, mac, autoConfig, hostname, options, at } = network;
  sayDifferences(network, planning);
  const prefix = prefixOf(network, planning);
  const shared = sharedNetwork(options);
  const card = mac ?? textOr(options['libvirt__mac']);
  // VirtualBox takes "auto" for "make one".
  const address =
    card !== undefined && /^[0-9a-f]{2}([-:.]?[0-9a-f]{2}){5}$/i.test(card) ? plainMac(card) : undefined;
  if (card !== undefined && address === undefined && card !== 'auto') {
    planning.warn(`${card} is no MAC address: the machine gets one made for it`, at);
  }
  return {
    kind: kind === 'public_network' ? 'public' : 'private',
    id,
    ...(shared !== undefined && { network: shared }),
    ...(ip !== undefined && ip !== '' && { address: ip }),
    ...(prefix !== undefined && { prefix }),
    ...(address !== undefined && { mac: address }),
    configure: autoConfig,
    ownsHostname: hostname,
    bridges: kind === 'public_network' ? [...network.bridge, ...textsOf(options['dev'] ?? [])] : [],
    isolated:
      isTruthy(options['virtualbox__intnet']) ||
      options['libvirt__forward_mode'] === 'veryisolated' ||
      isTruthy(options['vmware__intnet']),
  };
}

/** The name by which machines share a network, whichever provider's option says it. */
function sharedNetwork(options: VagrantNetwork['options']): string | undefined {
  const inner = options['virtualbox__intnet'];
  if (isTruthy(inner)) return typeof inner === 'string' ? inner : 'intnet';
  for (const name of ['libvirt__network_name', 'name', 'virtualbox__name', 'docker_network__name']) {
    const value = textOr(options[name]);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** `255.255.255.0`, `24`; for IPv6 the number of bits. */
function prefixOf({ netmask, options, ip, at }: VagrantNetwork, planning: Planning): number | undefined {
  const given = netmask ?? textOr(options['libvirt__netmask']);
  if (given === undefined || given === '') return undefined;
  if (/^\/?\d{1,3}$/.test(given)) {
    const bits = Number(given.replace('/', ''));
    if (bits >= 1 && bits <= (ip !== undefined && isIPv6(ip) ? 128 : 32)) return bits;
  }
  const octets = given.split('.').map(Number);
  if (octets.length === 4 && octets.every((one) => Number.isInteger(one) && one >= 0 && one <= 255)) {
    const bits = octets.map((one) => one.toString(2).padStart(8, '0')).join('');
    if (/^1+0*$/.test(bits)) return bits.replaceAll('0', '').length;
  }
  planning.warn(`${given} is no netmask: the network has that of its kind`, at);
  return undefined;
}

/** Options that change how a provider makes the network, and nothing for the machine. */
const withoutDifference = new Set([
  ...[
    'ip',
    'netmask',
    'mac',
    'auto_config',
    'hostname',
    'bridge',
    'type',
    'id',
    'name',
    'adapter',
    'nic_type',
  ],
  ...[
    'adapter_ip',
    'dhcp_ip',
    'dhcp_lower',
    'dhcp_upper',
    'disabled',
    'protocol',
    'auto_correct',
    'dev',
    'mode',
  ],
  ...['host', 'host_ip', 'guest', 'guest_ip', 'subnet', 'gateway', 'virtualbox__intnet', 'vmware__intnet'],
  ...[
    'virtualbox__name',
    'docker_network__name',
    'libvirt__network_name',
    'libvirt__netmask',
    'libvirt__mac',
  ],
  ...[
    'libvirt__dhcp_enabled',
    'libvirt__dhcp_start',
    'libvirt__dhcp_stop',
    'libvirt__host_ip',
    'libvirt__always_destroy',
  ],
  ...[
    'libvirt__forward_mode',
    'libvirt__forward_device',
    'libvirt__adapter',
    'libvirt__model_type',
    'libvirt__iface_name',
  ],
  ...[
    'libvirt__driver_name',
    'libvirt__driver_queues',
    'libvirt__autostart',
    'libvirt__bus',
    'libvirt__slot',
    'libvirt__mtu',
  ],
  ...[
    'libvirt__network_address',
    'libvirt__domain_name',
    'model_type',
    'ovs',
    'portgroup',
    'network_name',
    'trust_guest_rx_filters',
  ],
]);

const differences: Readonly<Record<string, string>> = {
  use_dhcp_assigned_default_route: "the machine's way out stays its first card",
  libvirt__guest_ipv6: 'the network has IPv6 when an address of the file says so',
  libvirt__ipv6_address: 'the network has IPv6 when an address of the file says so',
  libvirt__ipv6_prefix: 'the network has IPv6 when an address of the file says so',
  libvirt__tunnel_type: 'the card is on a network of its own, not at the end of a tunnel',
};

function sayDifferences({ options, at }: VagrantNetwork, planning: Planning): void {
  for (const [name, value] of Object.entries(options)) {
    if (withoutDifference.has(name) || !isTruthy(value)) continue;
    const why = differences[name];
    if (why !== undefined) planning.warn(`${name}: ${why}`, at);
    else if (!/^libvirt__tunnel_|^(?:hyperv|vmware|parallels|docker_network)__/.test(name)) {
      planning.warn(`${name} means nothing to Kiln's networks`, at);
    }
  }
}
