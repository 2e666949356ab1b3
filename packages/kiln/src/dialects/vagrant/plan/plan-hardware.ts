import type { MachineHardware } from '../../../plan/machine-hardware.ts';
import type { MachineSpec } from '../../../plan/machine-spec.ts';
import { mapOf, textOr } from '../finish/coerce.ts';
import type { Planning } from './planning.ts';

/** For machines of which nothing is said; the boxes of most providers ask for as much. In bytes. */
const usualMemory = 1024 ** 3;
const mebibyte = 1024 ** 2;

/** Memory, processors, size of the first disk, firmware. */
export function planShape({
  machine,
  host,
}: Planning): Pick<MachineSpec, 'cpus' | 'memory' | 'diskSize' | 'firmware'> {
  const { hardware } = machine;
  const memory = hardware.memory === undefined ? undefined : Math.round(hardware.memory * mebibyte);
  return {
    cpus: Math.max(1, Math.trunc(hardware.cpus ?? Math.min(2, host.cpus))),
    memory: memory !== undefined && memory > 0 ? memory : usualMemory,
    ...(hardware.diskSize !== undefined && { diskSize: Math.round(hardware.diskSize) }),
    firmware: hardware.firmware ?? 'bios',
  };
}

/** What else the file says about the machine's parts. Undefined when it leaves all of them to Kiln. */
export function planHardware(planning: Planning): MachineHardware | undefined {
  const { machine } = planning;
  const { hardware, vm } = machine;
  sayDifferences(planning);
  const mac = hardware.macAddresses[1] ?? (vm.base_mac === null ? undefined : plainMac(vm.base_mac));
  const bus = diskBus(hardware.diskBus);
  const found: MachineHardware = {
    ...(hardware.cpuModel !== undefined && { cpuModel: hardware.cpuModel }),
    ...(hardware.nested !== undefined && { nested: hardware.nested }),
    ...(hardware.machineType !== undefined && { machineType: hardware.machineType }),
    ...(bus !== undefined && { diskBus: bus }),
    ...(hardware.networkCard !== undefined && { networkCard: qemuCard(hardware.networkCard) }),
    ...(mac !== undefined && { mac }),
    ...(hardware.qemuArguments.length > 0 && { qemuArguments: hardware.qemuArguments }),
  };
  return Object.keys(found).length === 0 ? undefined : found;
}

function sayDifferences({ machine, warn }: Planning): void {
  const { hardware, providers } = machine;
  if (hardware.gui === true) {
    warn('gui: machines of Kiln have no window; `kiln ssh` leads into them, and their console is logged');
  }
  if (hardware.cpuCap !== undefined && hardware.cpuCap < 100) {
    warn(`the machine may use all of its processors' time, not only ${hardware.cpuCap} %`);
  }
  const libvirt = hardware.from.includes('libvirt') ? mapOf(providers['libvirt']) : {};
  const architecture = textOr(libvirt['machine_arch']);
  if (architecture !== undefined && !/^(?:x86_64|amd64)$/.test(architecture)) {
    warn(`libvirt.machine_arch: the machine has the architecture of its box, not ${architecture}`);
  }
}

/** VirtualBox writes it without colons. */
export function plainMac(mac: string): string {
  const digits = mac.replaceAll(/[-:.]/g, '').toLowerCase();
  return digits.replaceAll(/..(?!$)/g, '$&:');
}

function diskBus(bus: string | undefined): MachineHardware['diskBus'] {
  return bus === 'virtio' || bus === 'scsi' || bus === 'sata' || bus === 'ide' ? bus : undefined;
}

/** libvirt knows some cards by shorter names. */
function qemuCard(model: string): string {
  const known: Readonly<Record<string, string>> = {
    virtio: 'virtio-net-pci',
    'virtio-net': 'virtio-net-pci',
  };
  return known[model] ?? model;
}
