import type { RawVm } from '../ruby/raw-result.ts';
import type { ForwardedPort, MachineNetwork, VagrantNetwork } from '../vagrant-config.ts';
import { isTruthy, textOr, textsOf } from './coerce.ts';
import type { MachineContext } from './machine-context.ts';

type RawNetwork = RawVm['networks'][number];

/** The machine's networks, with the ports that are always forwarded. */
export function finishNetworks(
  raw: readonly RawNetwork[],
  communicator: string | null,
  context: MachineContext,
): VagrantNetwork[] {
  const all = [...raw, ...missingPorts(raw, communicator)];
  checkNames(raw, context);
  const used = new Set<string>();
  return all.flatMap((network): VagrantNetwork[] => {
    if (network.type === 'forwarded_port') {
      const port = finishPort(network, context);
      if (port !== undefined) checkUnique(port, network, used, context);
      return port === undefined ? [] : [port];
    }
    if (network.type === 'private_network' || network.type === 'public_network') {
      return [finishMachineNetwork(network, network.type, context)];
    }
    context.problems.error(
      network.place,
      `there are no networks of type ${network.type}`,
      'use forwarded_port, private_network or public_network',
    );
    return [];
  });
}

function missingPorts(raw: readonly RawNetwork[], communicator: string | null): RawNetwork[] {
  const wanted =
    communicator === 'winrm'
      ? [port('winrm', 5985, 55985), port('winrm-ssl', 5986, 55986), port('ssh', 22, 2222)]
      : [port('ssh', 22, 2222)];
  const known = new Set(
    raw.filter(({ type }) => type === 'forwarded_port').map(({ options }) => options['id']),
  );
  return wanted.filter(({ options }) => !known.has(options['id']));
}

function port(id: string, guest: number, host: number): RawNetwork {
  const options = { protocol: 'tcp', guest, host, host_ip: '127.0.0.1', id, auto_correct: true };
  return { type: 'forwarded_port', options, place: null };
}

function finishPort({ options, place }: RawNetwork, context: MachineContext): ForwardedPort | undefined {
  const { problems } = context;
  if (!isTruthy(options['guest']) || !isTruthy(options['host'])) {
    problems.error(place, 'a forwarded port needs both `guest` and `host`');
    return undefined;
  }
  const [guest, host] = [wholeNumber(options['guest']), wholeNumber(options['host'])];
  if (!isPort(guest) || !isPort(host)) {
    problems.error(
      place,
      `ports are numbers from 1 to 65535, not ${options['guest']} and ${options['host']}`,
    );
    return undefined;
  }
  return {
    kind: 'forwarded_port',
    id: textOr(options['id']) ?? '',
    at: problems.at(place),
    guest,
    host,
    guestIp: textOr(options['guest_ip']),
    hostIp: textOr(options['host_ip']),
    protocol: textOr(options['protocol']) ?? 'tcp',
    autoCorrect: isTruthy(options['auto_correct']),
    options: { ...options, guest, host },
  };
}

function checkUnique(
  port: ForwardedPort,
  { place }: RawNetwork,
  used: Set<string>,
  { problems }: MachineContext,
): void {
  const key = `${port.hostIp ?? ''} ${port.protocol} ${port.host}`;
  if (used.has(key)) {
    problems.error(place, `port ${port.host} (${port.protocol}) of the host is forwarded twice`);
  }
  used.add(key);
}

function finishMachineNetwork(
  { options, place }: RawNetwork,
  kind: MachineNetwork['kind'],
  { problems }: MachineContext,
): MachineNetwork {
  const ip = textOr(options['ip']);
  const type = textOr(options['type']);
  if (kind === 'private_network') {
    if (type !== undefined && type !== 'dhcp' && ip === undefined) {
      problems.error(place, `a private network of type ${type} needs an \`ip\``, 'or `type: "dhcp"`');
    }
    if (ip?.endsWith('.1') && type !== 'dhcp') {
      problems.warn(
        place,
        `${ip} is often the address of the host or router: pick another one for the machine`,
      );
    }
  }
  return {
    kind,
    id: textOr(options['id']) ?? '',
    at: problems.at(place),
    ip: type === 'dhcp' ? undefined : ip,
    netmask: textOr(options['netmask']),
    mac: textOr(options['mac']),
    autoConfig: options['auto_config'] === undefined || isTruthy(options['auto_config']),
    hostname: isTruthy(options['hostname']),
    bridge: options['bridge'] === undefined ? [] : textsOf(options['bridge']),
    options,
  };
}

function checkNames(raw: readonly RawNetwork[], { problems }: MachineContext): void {
  const named = raw.filter(({ options }) => isTruthy(options['hostname']));
  for (const { options, place } of named) {
    if (!isTruthy(options['ip'])) problems.error(place, 'a network with `hostname: true` needs an `ip`');
  }
  const second = named[1];
  if (second !== undefined) problems.error(second.place, 'only one network can have `hostname: true`');
}

/** As Ruby's `to_i` reads it. */
function wholeNumber(value: unknown): number {
  if (typeof value === 'number') return Math.trunc(value);
  return typeof value === 'string' ? Number(/^\s*-?\d+/.exec(value)?.[0] ?? 0) : 0;
}

function isPort(value: number): boolean {
  return value >= 1 && value <= 65_535;
}
