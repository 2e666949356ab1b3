import { KilnError } from '../../base/errors.ts';
import type { QemuHardware } from '../../plan/qemu-source.ts';
import { memorySize } from './checkpoint-support.ts';
import { escapeComma } from './launch.ts';
import { memoryId, memoryOptions } from './saved-memory.ts';

/** Everything a QEMU command line of a build depends on; paths absolute, holes filled. */
export interface QemuCommand {
  readonly name: string;
  readonly hardware: QemuHardware;
  /** `none` leaves the choice to QEMU. */
  readonly accelerator: 'none' | 'kvm' | 'tcg' | 'hax' | 'hvf' | 'whpx' | 'xen';
  readonly disks: readonly { readonly path: string; readonly format: string }[];
  /** How QEMU reads and writes the host's files; undefined for QEMU's own choice. */
  readonly aio?: 'io_uring';
  /** In the drives in this order; an installer comes first. */
  readonly cds: readonly string[];
  /** The machine starts from the first CD once. */
  readonly bootFromCd: boolean;
  readonly floppy?: string;
  readonly firmware:
    | { readonly kind: 'bios'; readonly file?: string; readonly pflash?: boolean }
    | { readonly kind: 'efi'; readonly code: string; readonly vars: string };
  readonly forward?: { readonly address: string; readonly hostPort: number; readonly guestPort: number };
  readonly vnc?: { readonly address: string; readonly port: number; readonly password: boolean };
  /** Value of `-display`; undefined leaves it to QEMU. */
  readonly display?: string;
  /** Socket of the TPM emulator. */
  readonly tpmSocket?: string;
  /** One more control socket, which the template asked for. */
  readonly qmpSocket?: string;
  /** Options of Kiln's own machines (seed, entropy); undefined for machines that must look as Packer's do. */
  readonly seed?: readonly string[];
  /** The machine's memory is one block that others can read, or that is filled with a saved one before it runs. */
  readonly savedMemory?: { readonly incoming: boolean };
  /** The machine learns when it is another copy (QEMU's docs/specs/vmgenid.txt). */
  readonly generationId?: boolean;
  /** The template's qemuargs with their holes filled. */
  readonly overrides: readonly (readonly string[])[];
}

/**
 * QEMU's options for a build. The defaults are those of Packer's qemu builder, so that a guest finds the same
 * machine; what differs cannot be seen from inside (caching, the accelerator, the forwarded port's address).
 *
 * qemuargs follow Packer's rule: an entry's first element is an option, the others joined are its value. An option
 * that is named there replaces all of the defaults of that name; and a network device is added when no `-device`
 * mentions the one that was asked for.
 */
export function qemuCommandLine(command: QemuCommand): string[] {
  const defaults = defaultOptions(command);
  const overrides = collectOverrides(command.overrides);
  const options = new Map<string, readonly string[]>();
  for (const [option, values] of defaults) options.set(option, overrides.get(option) ?? values);
  for (const [option, values] of overrides) options.set(option, values);

  const devices = options.get('-device') ?? [];
  const { netDevice } = command.hardware;
  if (netDevice !== 'none' && !devices.join('').includes(netDevice)) {
    options.set('-device', [...devices, `${netDevice},netdev=user.0`]);
  }
  if (choosesAccelerator(overrides)) options.delete('-accel');
  if (command.savedMemory) shareMemory(options, command.savedMemory);

  const argv: string[] = [];
  for (const [option, values] of options) {
    if (values.length === 0) argv.push(option);
    for (const value of values) {
      // Our own floppy goes in as a drive: -fda guesses the format from the content.
      if (option === '-fda' && value === command.floppy) {
        argv.push('-drive', `file=${escapeComma(value)},if=floppy,format=raw`);
      } else argv.push(option, value);
    }
  }
  const generation = command.generationId ? ['-device', 'vmgenid,guid=auto'] : [];
  return [...argv, ...(command.seed ?? []), ...generation];
}

/** @throws KilnError `internal` when the memory has no plain size: checkpoint-support.ts has looked before */
function shareMemory(
  options: Map<string, readonly string[]>,
  { incoming }: { readonly incoming: boolean },
): void {
  const size = memorySize(options.get('-m')?.at(-1) ?? '');
  if (size === undefined) throw new KilnError('internal', 'the size of the memory is not plain');
  const machine = options.has('-M') ? '-M' : '-machine';
  const values = options.get(machine) ?? [];
  options.set(machine, [...values.slice(0, -1), `${values.at(-1)},memory-backend=${memoryId}`]);
  const [option = '', value = ''] = memoryOptions(size);
  options.set(option, [value]);
  if (incoming) options.set('-incoming', ['defer']);
}

function defaultOptions(command: QemuCommand): Map<string, readonly string[]> {
  const { hardware, firmware } = command;
  const options = new Map<string, readonly string[]>();
  options.set('-name', [escapeComma(command.name)]);
  options.set('-machine', [`type=${hardware.machineType ?? 'pc'}`]);
  if (command.accelerator !== 'none') options.set('-accel', [acceleratorOption(command.accelerator)]);
  if (hardware.cpuModel) options.set('-cpu', [hardware.cpuModel]);
  options.set('-m', [`${Math.round(hardware.memory / 2 ** 20)}M`]);
  options.set('-smp', [topology(hardware)]);
  if (firmware.kind === 'bios') {
    options.set('-boot', [command.bootFromCd ? 'once=d' : 'c']);
    if (firmware.file && !firmware.pflash) options.set('-bios', [firmware.file]);
  }
  options.set('-netdev', [netdev(command)]);
  const { devices, drives } = devicesAndDrives(command);
  options.set('-device', devices);
  options.set('-drive', drives);
  if (command.floppy) options.set('-fda', [command.floppy]);
  if (command.tpmSocket) {
    options.set('-chardev', [`socket,id=vtpm,path=${escapeComma(command.tpmSocket)}`]);
    options.set('-tpmdev', ['emulator,id=tpm0,chardev=vtpm']);
  }
  if (hardware.vga) options.set('-vga', [hardware.vga]);
  if (command.vnc) {
    const { address, port, password } = command.vnc;
    const host = address.includes(':') ? `[${address}]` : address;
    options.set('-vnc', [`${host}:${port - 5900}${password ? ',password=on' : ''}`]);
  }
  if (command.display !== undefined) options.set('-display', [command.display]);
  if (command.qmpSocket) options.set('-qmp', [`unix:${escapeComma(command.qmpSocket)},server=on,wait=off`]);
  return options;
}

/**
 * TCG with a thread for each CPU. Its cache of translated code keeps QEMU's own size, 1 GiB, of which only what is used
 * takes memory: a Debian guest that installs packages fills more than a third of it, and QEMU throws all away when full.
 */
function acceleratorOption(accelerator: string): string {
  return accelerator === 'tcg' ? 'tcg,thread=multi' : accelerator;
}

/** By Packer's rule the number of CPUs is bounded by what the topology has room for. */
function topology(hardware: QemuHardware): string {
  const { sockets = 0, cores = 0, threads = 0 } = hardware;
  const room = [sockets, cores, threads].filter((n) => n > 0).reduce((product, n) => product * n, 1);
  const bounded = sockets > 0 || cores > 0 || threads > 0;
  const wanted = hardware.cpus > 0 ? hardware.cpus : room;
  const parts = [String(bounded ? Math.min(wanted, room) : wanted)];
  if (sockets > 0) parts.push(`sockets=${sockets}`);
  if (cores > 0) parts.push(`cores=${cores}`);
  if (threads > 0) parts.push(`threads=${threads}`);
  return parts.join(',');
}

function netdev(command: QemuCommand): string {
  if (command.hardware.netBridge) return `bridge,id=user.0,br=${command.hardware.netBridge}`;
  const { forward } = command;
  if (!forward) return 'user,id=user.0';
  return `user,id=user.0,hostfwd=tcp:${forward.address}:${forward.hostPort}-:${forward.guestPort}`;
}

function devicesAndDrives(command: QemuCommand): { devices: string[]; drives: string[] } {
  const { hardware } = command;
  const devices: string[] = [];
  const drives: string[] = [];
  const need = (controller: string) => {
    if (!devices.includes(controller)) devices.push(controller);
  };

  command.disks.forEach((disk, at) => {
    const settings = diskSettings(command, disk.format);
    const file = `file=${escapeComma(disk.path)}`;
    switch (hardware.diskInterface) {
      case 'virtio-scsi':
        need(virtioScsi);
        devices.push(`scsi-hd,bus=scsi0.0,drive=drive${at}`);
        drives.push(`if=none,${file},id=drive${at},${settings}`);
        break;
      case 'scsi':
        // Machines have had no SCSI of their own since QEMU 2.12; this is the controller they had.
        need(plainScsi);
        devices.push(`scsi-hd,bus=lsi0.0,drive=drive${at}`);
        drives.push(`if=none,${file},id=drive${at},${settings}`);
        break;
      case 'sata':
        // QEMU has no drive interface of that name, only the controller.
        need('ich9-ahci,id=sata0');
        devices.push(`ide-hd,bus=sata0.${at},drive=drive${at}`);
        drives.push(`if=none,${file},id=drive${at},${settings}`);
        break;
      case 'none':
        drives.push(`if=none,${file},id=drive${at},${settings}`);
        break;
      default:
        drives.push(`${file},if=${hardware.diskInterface},${settings}`);
    }
  });

  if (hardware.netDevice !== 'none') {
    // A network card's boot ROM is of use only for booting from the network, and takes time to start.
    const rom = command.seed === undefined ? '' : ',romfile=';
    devices.push(`${hardware.netDevice},netdev=user.0${rom}`);
  }

  command.cds.forEach((path, at) => {
    const file = `file=${escapeComma(path)}`;
    if (!hardware.cdromInterface) drives.push(`${file},media=cdrom,format=raw,readonly=on`);
    else if (hardware.cdromInterface === 'virtio-scsi') {
      need(virtioScsi);
      devices.push(`scsi-cd,bus=scsi0.0,drive=cdrom${at}`);
      drives.push(`${file},if=none,id=cdrom${at},media=cdrom,format=raw,readonly=on`);
    } else if (hardware.cdromInterface === 'scsi') {
      need(plainScsi);
      devices.push(`scsi-cd,bus=lsi0.0,drive=cdrom${at}`);
      drives.push(`${file},if=none,id=cdrom${at},media=cdrom,format=raw,readonly=on`);
    } else {
      const taken = hardware.cdromInterface === hardware.diskInterface ? command.disks.length : 0;
      drives.push(
        `${file},if=${hardware.cdromInterface},index=${taken + at},id=cdrom${at},media=cdrom,format=raw,readonly=on`,
      );
    }
  });

  const { firmware } = command;
  if (firmware.kind === 'efi') {
    drives.push(`file=${escapeComma(firmware.code)},if=pflash,unit=0,format=raw,readonly=on`);
    drives.push(`file=${escapeComma(firmware.vars)},if=pflash,unit=1,format=raw`);
  } else if (firmware.file && firmware.pflash) {
    drives.push(`file=${escapeComma(firmware.file)},if=pflash,format=raw,readonly=on`);
  }
  if (command.tpmSocket && hardware.tpm) devices.push(`${hardware.tpm.device},tpmdev=tpm0`);
  return { devices, drives };
}

const virtioScsi = 'virtio-scsi-pci,id=scsi0';
const plainScsi = 'lsi53c895a,id=lsi0';

/** When the template leaves it open nothing is flushed to the platter: a build that is cut off starts anew anyway. */
function diskSettings(command: QemuCommand, format: string): string {
  const { diskCache = 'unsafe', diskDiscard = 'ignore', diskDetectZeroes = 'off' } = command.hardware;
  const parts = [`cache=${diskCache}`, `discard=${diskDiscard}`, `format=${format}`];
  if (diskDetectZeroes !== 'off') parts.push(`detect-zeroes=${diskDetectZeroes}`);
  if (command.aio) parts.push(`aio=${command.aio}`);
  return parts.join(',');
}

function collectOverrides(overrides: readonly (readonly string[])[]): Map<string, readonly string[]> {
  const collected = new Map<string, readonly string[]>();
  for (const [option, ...pieces] of overrides) {
    if (option === undefined || option === '') continue;
    const value = pieces.join('');
    const values = collected.get(option) ?? [];
    collected.set(option, value === '' ? values : [...values, value]);
  }
  return collected;
}

/** QEMU refuses `-accel` beside an accelerator that is named in another way. */
function choosesAccelerator(overrides: ReadonlyMap<string, readonly string[]>): boolean {
  if (['-accel', '--accel', '-enable-kvm', '--enable-kvm'].some((option) => overrides.has(option)))
    return true;
  return ['-machine', '--machine', '-M'].some((option) =>
    overrides.get(option)?.some((value) => /(^|,)accel=/.test(value)),
  );
}

/**
 * The template's qemuargs without KVM, for a host where it does not work, and sentences that say what was changed.
 * Templates name KVM everywhere; one that insists would hang for ever.
 */
export function withoutKvm(overrides: readonly (readonly string[])[]): {
  readonly overrides: readonly (readonly string[])[];
  readonly changes: readonly string[];
} {
  const changes: string[] = [];
  const changed = overrides.flatMap((entry): (readonly string[])[] => {
    const [option = '', ...pieces] = entry;
    const value = pieces.join('');
    const name = option.replace(/^--/, '-');
    if (name === '-enable-kvm') {
      changes.push(`${option} was left out`);
      return [['-accel', 'tcg,thread=multi']];
    }
    let better = value;
    if (name === '-accel') better = value.replace(/^kvm\b[^,]*(,.*)?$/, 'tcg,thread=multi');
    else if (name === '-machine' || name === '-M') {
      better = value.replace(/(^|,)accel=([^,]*)/, (_all, before: string, list: string) => {
        const left = list.split(':').filter((one) => one !== 'kvm');
        return `${before}accel=${left.length > 0 ? left.join(':') : 'tcg'}`;
      });
    } else if (name === '-cpu') better = withoutHostCpu(value);
    if (better === value) return [entry];
    changes.push(`${option} ${value} became ${option} ${better}`);
    return [[option, better]];
  });
  return { overrides: changed, changes };
}

/** The CPU model `host` exists only with KVM; `max` is the nearest that can be emulated. */
export function withoutHostCpu(model: string): string {
  return model.replace(/^host(?=,|$)/, 'max');
}
