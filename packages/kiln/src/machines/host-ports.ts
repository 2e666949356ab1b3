import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { isSystemError, KilnError } from '../base/errors.ts';
import type { PortForward } from '../plan/machine-spec.ts';
import type { MachineRecord } from './machine-record.ts';

/** Where ports go that had to move, and SSH ports: the range that Vagrant's users know. */
const spare = { first: 2200, last: 2999 } as const;

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface PortChange {
  readonly wanted: number;
  readonly got: PortForward;
}

/**
 * Gives every forward a free host port. `taken` holds `address:port` pairs that other machines of this store own,
 * running or not, so that two halted machines do not collide later. Ports that have to move go into `range`.
 * @throws KilnError `locked` when a port is in use and may not move, `not-found` for an address of another host
 */
export async function settlePorts(
  forwards: readonly PortForward[],
  taken: ReadonlySet<string>,
  range: PortRange = spare,
): Promise<{ readonly ports: readonly PortForward[]; readonly changes: readonly PortChange[] }> {
  const own = new Set(taken);
  const ports: PortForward[] = [];
  const changes: PortChange[] = [];
  for (const forward of forwards) {
    let got = forward;
    if (own.has(portKey(forward)) || !(await isFree(forward))) {
      if (!forward.autoCorrect) {
        throw new KilnError('locked', `port ${forward.host} of ${forward.hostAddress} is in use`, {
          hint: 'choose another host port in `ports:`, or end the program that uses it',
        });
      }
      got = { ...forward, host: await sparePort(forward, own, range) };
      changes.push({ wanted: forward.host, got });
    }
    own.add(portKey(got));
    ports.push(got);
  }
  return { ports, changes };
}

export function portKey(forward: Pick<PortForward, 'hostAddress' | 'host' | 'protocol'>): string {
  return `${forward.protocol}:${forward.hostAddress}:${forward.host}`;
}

/** The forward by which people and Kiln log in. */
export function sshForward(
  record: Pick<MachineRecord, 'sshPort' | 'guestSshPort' | 'sshForward'>,
): PortForward {
  return {
    guest: record.guestSshPort ?? 22,
    host: record.sshPort,
    hostAddress: record.sshForward?.hostAddress ?? '127.0.0.1',
    protocol: 'tcp',
    autoCorrect: record.sshForward?.autoCorrect ?? true,
  };
}

async function sparePort(
  forward: PortForward,
  taken: ReadonlySet<string>,
  range: PortRange,
): Promise<number> {
  for (let port = range.first; port <= range.last; port++) {
    const candidate = { ...forward, host: port };
    if (!taken.has(portKey(candidate)) && (await isFree(candidate))) return port;
  }
  throw new KilnError('locked', `every port from ${range.first} to ${range.last} is in use`);
}

function isFree({ protocol, hostAddress, host }: PortForward): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown) => {
      if (isSystemError(error, 'EADDRINUSE', 'EACCES')) resolve(false);
      else if (!isSystemError(error, 'EADDRNOTAVAIL', 'EINVAL', 'EAFNOSUPPORT')) reject(error);
      else {
        reject(
          new KilnError('not-found', `this host has no address ${hostAddress}, which a port is to be on`, {
            hint: 'choose another address in `ports:`; 127.0.0.1 is this host alone, 0.0.0.0 everybody',
            cause: error,
          }),
        );
      }
    };
    if (protocol === 'udp') {
      const socket = createSocket(hostAddress.includes(':') ? 'udp6' : 'udp4');
      socket.once('error', done);
      socket.bind(host, hostAddress, () => socket.close(() => resolve(true)));
    } else {
      const server = createServer();
      server.once('error', done);
      server.listen(host, hostAddress, () => server.close(() => resolve(true)));
    }
  });
}
