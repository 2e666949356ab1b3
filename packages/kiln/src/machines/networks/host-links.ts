import { constants } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { isSystemError } from '../../base/errors.ts';
import { run, runOrFail } from '../../base/processes.ts';
import { findProgram } from '../../hosts/qemu/programs.ts';
import { networkId } from './network-key.ts';

/**
 * Whether bridges and taps can be made: with CAP_NET_ADMIN (capabilities(7), bit 12), the kernel's tun device, and the
 * program `ip`.
 */
export async function canMakeLinks(): Promise<boolean> {
  if (findProgram('ip') === undefined) return false;
  try {
    await access('/dev/net/tun', constants.R_OK | constants.W_OK);
    const status = await readFile('/proc/self/status', 'utf8');
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
    return effective !== undefined && ((BigInt(`0x${effective}`) >> 12n) & 1n) === 1n;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES', 'EPERM')) return false;
    throw error;
  }
}

/** At most 15 characters (IFNAMSIZ). */
export function bridgeName(id: string): string {
  return `kiln-${id}`;
}

export function tapName(machine: string, index: number): string {
  return `kt${machine}-${index}`;
}

/** What a device of ours has as its alias, so that no other's is ever taken for one. */
export function linkAlias(home: string, what: string): string {
  return `kiln ${networkId(home, 'home')} ${what}`;
}

export interface OwnLink {
  readonly device: string;
  /** `bridge` and the network's key, or `tap` and the machine's id. */
  readonly kind: 'bridge' | 'tap';
  readonly of: string;
}

/** The devices of this host that Kiln made for this store. */
export async function ownLinks(home: string): Promise<OwnLink[]> {
  const prefix = linkAlias(home, '');
  const found: OwnLink[] = [];
  for (const device of await devices()) {
    if (!/^k(?:iln-|t)[0-9a-f]{8}/.test(device)) continue;
    const alias = await attribute(device, 'ifalias');
    const [kind, ...rest] = (alias?.startsWith(prefix) ? alias.slice(prefix.length) : '').split(' ');
    if (kind === 'bridge' || kind === 'tap') found.push({ device, kind, of: rest.join(' ') });
  }
  return found;
}

async function devices(): Promise<string[]> {
  try {
    return await readdir('/sys/class/net');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}

async function attribute(device: string, name: string): Promise<string | undefined> {
  try {
    return (await readFile(`/sys/class/net/${device}/${name}`, 'utf8')).trim();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EINVAL', 'ENOTDIR', 'ENODEV')) return undefined;
    throw error;
  }
}

/** Devices of the host that are bridges, with those that are plugged into each. */
export async function hostBridges(): Promise<ReadonlyMap<string, readonly string[]>> {
  const bridges = new Map<string, readonly string[]>();
  for (const device of await devices()) {
    try {
      bridges.set(device, await readdir(`/sys/class/net/${device}/brif`));
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error;
    }
  }
  return bridges;
}

/** Every address of the host with its device, without those of devices that are named. */
export function hostAddresses(
  without: ReadonlySet<string>,
): { readonly device: string; readonly cidr: string }[] {
  return Object.entries(networkInterfaces()).flatMap(([device, addresses]) =>
    without.has(device) ? [] : (addresses ?? []).flatMap(({ cidr }) => (cidr ? [{ device, cidr }] : [])),
  );
}

/** Runs commands of ip(8), one a line, until one fails. @throws KilnError `tool-failed` */
export async function ipBatch(lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await runOrFail('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
}

/** Removes a device; one that is gone already is no mistake. */
export async function removeLink(device: string): Promise<void> {
  const { code, stderr } = await run('ip', ['link', 'delete', 'dev', device]);
  if (code !== 0 && !/Cannot find device/.test(stderr))
    await runOrFail('ip', ['link', 'delete', 'dev', device]);
}

/**
 * Docker and others have frames on bridges go through the host's packet filter, and drop what is not theirs. Lets those
 * of one bridge of ours pass, or takes that back.
 */
export async function passFilter(bridge: string, pass: boolean): Promise<void> {
  for (const [program, setting] of [
    ['iptables', 'bridge-nf-call-iptables'],
    ['ip6tables', 'bridge-nf-call-ip6tables'],
  ] as const) {
    if (findProgram(program) === undefined || !(await isOn(`/proc/sys/net/bridge/${setting}`))) continue;
    const rule = ['FORWARD', '-i', bridge, '-o', bridge, '-j', 'ACCEPT'];
    const isThere = (await run(program, ['-w', '-C', ...rule])).code === 0;
    // A host without the filter's modules filters nothing.
    if (pass !== isThere) await run(program, ['-w', pass ? '-I' : '-D', ...rule]);
  }
}

async function isOn(path: string): Promise<boolean> {
  try {
    return (await readFile(path, 'utf8')).trim() === '1';
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES')) return false;
    throw error;
  }
}
