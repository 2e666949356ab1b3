import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { run } from '../../base/processes.ts';
import { rememberedFact } from './host-facts.ts';
import { needProgram } from './programs.ts';

/** What one QEMU program offers. */
export interface QemuCapabilities {
  readonly binary: string;
  /** Such as `7.2.22`. */
  readonly version: string;
  /** Names and aliases. */
  readonly machineTypes: readonly string[];
  /** Names and aliases of devices. */
  readonly devices: readonly string[];
  readonly netdevs: readonly string[];
  readonly displays: readonly string[];
  readonly accelerators: readonly string[];
}

/**
 * Asks QEMU what it offers; the answer is kept for as long as the program stays the same file.
 * @throws KilnError `tool-missing`
 */
export async function qemuCapabilities(
  name: string,
  home: string,
  signal?: AbortSignal,
): Promise<QemuCapabilities> {
  const binary = needProgram(name, 'runs virtual machines');
  const { mtimeMs, size } = await stat(binary);
  const fileName = `qemu-${createHash('sha256').update(binary).digest('hex').slice(0, 12)}`;
  return rememberedFact(home, fileName, `${binary} ${mtimeMs} ${size}`, isCapabilities, () =>
    ask(binary, signal),
  );
}

async function ask(binary: string, signal?: AbortSignal): Promise<QemuCapabilities> {
  const options = signal ? { signal } : {};
  // On the machine `none` the help needs no disks, no display and no firmware.
  const help = async (option: string) =>
    (await run(binary, ['-nodefaults', '-machine', 'none', option, 'help'], options)).stdout;
  const [version, machines, devices, netdevs, displays, accelerators] = await Promise.all([
    run(binary, ['--version'], options).then((result) => result.stdout),
    run(binary, ['-machine', 'help'], options).then((result) => result.stdout),
    help('-device'),
    help('-netdev'),
    help('-display'),
    help('-accel'),
  ]);
  return {
    binary,
    version: parseVersion(version),
    machineTypes: parseMachineTypes(machines),
    devices: parseDevices(devices),
    netdevs: parseWords(netdevs),
    displays: parseWords(displays),
    accelerators: parseWords(accelerators),
  };
}

/** `QEMU emulator version 7.2.22 (Debian …)` */
export function parseVersion(text: string): string {
  return /version (\d+(?:\.\d+)*)/.exec(text)?.[1] ?? 'unknown';
}

/** Lines such as `pc   Standard PC (i440FX + PIIX, 1996) (alias of pc-i440fx-7.2)`, under a heading. */
export function parseMachineTypes(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !line.endsWith(':'))
    .map((line) => /^([\w.-]+)\s{2,}\S/.exec(line)?.[1] ?? /^([\w.-]+) \S/.exec(line)?.[1])
    .filter((word) => word !== undefined);
}

/** Lists of one word a line, between sentences. */
export function parseWords(text: string): string[] {
  return text.split('\n').filter((line) => /^[\w.-]+$/.test(line));
}

/** Lines such as `name "virtio-net-pci", bus PCI, alias "virtio-net"`. */
export function parseDevices(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const name = /^name "([^"]+)"/.exec(line)?.[1];
    const alias = /, alias "([^"]+)"/.exec(line)?.[1];
    return [name, alias].filter((word) => word !== undefined);
  });
}

function isCapabilities(value: unknown): value is QemuCapabilities {
  if (typeof value !== 'object' || value === null) return false;
  const lists: (keyof QemuCapabilities)[] = [
    'machineTypes',
    'devices',
    'netdevs',
    'displays',
    'accelerators',
  ];
  const record = value as Readonly<Record<string, unknown>>;
  return typeof record['version'] === 'string' && lists.every((key) => Array.isArray(record[key]));
}
