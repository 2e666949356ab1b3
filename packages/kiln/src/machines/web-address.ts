import type { MachineRecord } from './machine-record.ts';

/** Ports that web servers have by custom, the likeliest first. */
const webPorts = [80, 443, 8080, 3000, 8000, 5173, 4200, 5000, 8443, 9000, 8888];

/**
 * The address at which this host reaches the machine's web server; undefined when no TCP port leads to it.
 * @param guest the server's port in the machine, when it is known
 */
export function webAddress({ ports }: Pick<MachineRecord, 'ports'>, guest?: number): string | undefined {
  const open = ports.filter(({ protocol }) => protocol === 'tcp');
  const known = webPorts.flatMap((port) => open.find((one) => one.guest === port) ?? []);
  const chosen = guest === undefined ? (known[0] ?? open[0]) : open.find((one) => one.guest === guest);
  if (!chosen) return undefined;
  const secure = [443, 8443].includes(chosen.guest);
  const address = ['0.0.0.0', '::', ''].includes(chosen.hostAddress) ? '127.0.0.1' : chosen.hostAddress;
  const host = address.includes(':') ? `[${address}]` : address;
  return `${secure ? 'https' : 'http'}://${host}:${chosen.host}/`;
}
