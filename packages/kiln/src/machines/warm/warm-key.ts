import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { agentScript } from '../../guests/agent/agent-script.ts';
import { qemuCapabilities } from '../../hosts/qemu/capabilities.ts';
import { hostProcessor } from '../../hosts/qemu/checkpoint-support.ts';
import { findEfiFiles } from '../../hosts/qemu/efi.ts';
import { canonicalHash } from '../../plan/canonical.ts';
import type { CloudInitPart, MachineSpec } from '../../plan/machine-spec.ts';
import { devicesFormat } from '../devices.ts';
import type { MachineRecord } from '../machine-record.ts';
import type { MachineServices } from '../machine-services.ts';
import { processorOf, qemuBinary } from '../start-machine.ts';
import { mustBoot } from '../surroundings.ts';
import { identityFormat } from './identity.ts';

/** The parts of a machine that its memory and devices depend on. */
export type WarmParts = Pick<
  MachineRecord,
  'cpus' | 'memory' | 'firmware' | 'hardware' | 'disks' | 'user' | 'guestSshPort' | 'image'
>;

export type WarmKey =
  | { readonly kind: 'key'; readonly key: string }
  /** `reason`, for people: why such a machine is always booted. */
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Names the booted machines that can stand for each other before anything in them is a machine's own: everything that
 * the inside of one, or QEMU's saved state, could tell apart.
 * @throws KilnError `tool-missing`, `file-missing` for firmware and for cloud-init's files
 */
export async function warmKey(
  services: Pick<MachineServices, 'home' | 'signal'>,
  parts: WarmParts,
  spec: Pick<MachineSpec, 'diskSize' | 'cloudInit' | 'networks' | 'folders'>,
): Promise<WarmKey> {
  const reason = whyNot(parts) ?? mustBoot(spec);
  if (reason !== undefined) return { kind: 'none', reason };
  const [{ binary, version }, processor] = await Promise.all([
    qemuCapabilities(qemuBinary, services.home, services.signal),
    processorOf(services, parts),
  ]);
  const key = canonicalHash({
    format: devicesFormat,
    qemu: `${binary} ${version}`,
    accelerator: processor.option,
    processor: processor.model,
    ...(processor.accelerator === 'tcg' ? {} : { host: hostProcessor() }),
    image: parts.image.id ?? null,
    cpus: parts.cpus,
    memory: parts.memory,
    diskSize: spec.diskSize ?? null,
    disks: parts.disks ?? [],
    hardware: { ...parts.hardware, mac: null },
    firmware: parts.firmware === 'efi' ? await firmwareFacts() : 'bios',
    user: parts.user,
    sshPort: parts.guestSshPort ?? null,
    cloudInit: await Promise.all(spec.cloudInit.map(cloudInitFacts)),
    // A machine runs the scripts that it was given when it was made.
    scripts: digest(agentScript + identityFormat),
  });
  return { kind: 'key', key };
}

function whyNot({ hardware, disks = [], image }: WarmParts): string | undefined {
  if (process.platform !== 'linux') return 'memory can be kept only on Linux';
  if (image.id === undefined) return 'its disk is no image of the store';
  if ((hardware?.qemuArguments ?? []).length > 0) return "words for QEMU's command line may change anything";
  if (disks.some(({ kind }) => kind !== 'disk')) return 'it has a disk that is a file of its own';
  return undefined;
}

async function firmwareFacts(): Promise<string> {
  const { code } = findEfiFiles({ kind: 'efi', dropVars: false });
  const { mtimeMs, size } = await stat(code);
  return `${code} ${mtimeMs} ${size}`;
}

async function cloudInitFacts({ contentType, content, fileName }: CloudInitPart): Promise<unknown> {
  const text = content.kind === 'text' ? content.text : await readFile(content.path);
  return { contentType, fileName: fileName ?? null, content: digest(text) };
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
