import { setQcow2BackingFile } from '@kiln/diskimage';
import { formatSize } from '../../base/sizes.ts';
import type { Guest } from '../../guests/guest.ts';
import { createLayerToCome, diskInfo } from '../../hosts/qemu/disks.ts';
import type { WarmFiles } from '../../store/warm/warm-record.ts';
import type { MachineRecord } from '../machine-record.ts';

/** Name, in a copy's folder, of the layer that it shares with other copies of the same snapshot. */
export function baseName(key: string): string {
  return `base-${key.slice(0, 16)}.qcow2`;
}

/**
 * Makes the layer that every copy begins with.
 * @param base what is below it is called so in a copy's folder
 */
export async function makeEmpty(kept: Pick<WarmFiles, 'disk' | 'empty'>, base: string): Promise<void> {
  const { virtualSize } = await diskInfo(kept.disk, { trusted: true, format: 'qcow2' });
  await createLayerToCome(kept.empty, virtualSize);
  await setQcow2BackingFile(kept.empty, base);
}

/** The kinds of SSH host keys that a machine has. */
export async function hostKeyKinds(guest: Guest, signal: AbortSignal): Promise<readonly string[]> {
  const kinds: string[] = [];
  await guest.exec({
    command: 'cd /etc/ssh && for k in ssh_host_*_key; do k=${k#ssh_host_}; echo "${k%_key}"; done',
    onLine: (line) => /^(?:ed25519|ecdsa|rsa)$/.test(line) && kinds.length < 3 && kinds.push(line),
    signal,
  });
  return kinds;
}

export function describeMachine(
  record: Pick<MachineRecord, 'cpus' | 'memory'>,
  diskSize: number | undefined,
): string {
  const processors = `${record.cpus} processor${record.cpus === 1 ? '' : 's'}`;
  const disk = diskSize === undefined ? '' : `, disk ${formatSize(diskSize)}`;
  return `${processors}, ${formatSize(record.memory)}${disk}`;
}
