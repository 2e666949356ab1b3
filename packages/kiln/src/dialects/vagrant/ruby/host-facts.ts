import { hash } from 'node:crypto';
import {
  arch,
  availableParallelism,
  hostname,
  networkInterfaces,
  platform,
  release,
  userInfo,
  version,
} from 'node:os';

/** What Ruby's libraries tell of the host. */
export interface HostFacts {
  readonly hostname: string;
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  readonly group: string;
  readonly home: string;
  readonly shell: string;
  readonly cpus: number;
  readonly uname: Readonly<Record<'sysname' | 'nodename' | 'release' | 'version' | 'machine', string>>;
  readonly addresses: readonly string[];
  readonly interfaces: readonly {
    readonly name: string;
    readonly address: string;
    readonly netmask: string;
  }[];
}

export function hostFacts(): HostFacts {
  const user = userInfo();
  const interfaces = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address, netmask }) => ({ name, address, netmask })),
  );
  return {
    hostname: hostname(),
    user: user.username,
    uid: user.uid,
    gid: user.gid,
    group: user.username,
    home: user.homedir,
    shell: user.shell ?? '/bin/sh',
    cpus: availableParallelism(),
    uname: {
      sysname: platform() === 'darwin' ? 'Darwin' : 'Linux',
      nodename: hostname(),
      release: release(),
      version: version(),
      machine: machineName(),
    },
    addresses: interfaces.map(({ address }) => address),
    interfaces,
  };
}

/** Stays the same as long as the facts do. */
export function hostFactsDigest(): string {
  return hash('sha256', JSON.stringify(hostFacts()));
}

/** The processor as `uname -m` has it. */
export function machineName(): string {
  if (arch() === 'x64') return 'x86_64';
  return arch() === 'arm64' ? (platform() === 'darwin' ? 'arm64' : 'aarch64') : arch();
}

/** What `RUBY_PLATFORM` and `RbConfig` would say if Ruby ran on this host as it is. */
export function pretendedRuby(): { platform: string; host_os: string; cpu: string } {
  const system = platform() === 'darwin' ? `darwin${release().split('.')[0]}` : 'linux-gnu';
  const cpu = machineName();
  return { platform: `${cpu}-${system}`, host_os: system, cpu };
}
