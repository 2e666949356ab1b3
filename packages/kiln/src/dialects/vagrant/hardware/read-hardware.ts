import { standsFor } from '../choose-provider.ts';
import { isTruthy, mapOf, textOr, textsOf } from '../finish/coerce.ts';
import { bytesOf } from '../finish/finish-disks.ts';
import type { MachineContext } from '../finish/machine-context.ts';
import type { RawMachine } from '../ruby/raw-result.ts';
import type { Options, VagrantMachine } from '../vagrant-config.ts';
import { type ExtraDisk, type Hardware, noHardware, type PartialHardware } from './hardware.ts';
import { type CustomizeLine, readCustomizations } from './virtualbox-commands.ts';

type Finished = Pick<VagrantMachine, 'providers' | 'disks' | 'plugins' | 'mentionedProviders'>;

/**
 * What the file says about the machine itself. Blocks for Kiln's own provider and for libvirt count most; where there are
 * none, the first provider counts whose machines are like Kiln's.
 */
export function readHardware(finished: Finished, raw: RawMachine, context: MachineContext): Hardware {
  const disks = diskHardware(finished);
  if (context.provider !== 'qemu' && !standsFor.has(context.provider)) return { ...noHardware, ...disks };
  const names = chosenProviders(finished.mentionedProviders, context.provider).filter(
    (name) => finished.providers[name] !== undefined,
  );
  const parts = names.map((name) =>
    readProvider(name, finished.providers[name]!, raw.vm.providers[name]!, context),
  );
  return { ...noHardware, ...Object.assign({}, ...parts.map(withoutHoles)), ...disks, from: names };
}

function chosenProviders(mentioned: readonly string[], active: string): readonly string[] {
  if (active !== 'qemu') return [active];
  const own = ['libvirt', 'qemu'].filter((name) => mentioned.includes(name));
  const other = mentioned.find((name) => standsFor.has(name));
  return own.length > 0 || other === undefined ? own : [other];
}

function readProvider(
  name: string,
  settings: Options,
  { settings: given }: RawMachine['vm']['providers'][string],
  context: MachineContext,
): PartialHardware {
  switch (name) {
    case 'virtualbox': {
      const { hardware, unknown } = readCustomizations((given['customizations'] ?? []) as CustomizeLine[]);
      for (const { option, place } of unknown) {
        context.problems.warn(place, `only VirtualBox knows ${option}: no effect`);
      }
      return { ...hardware, ...common(given), gui: flagOf(given['gui']) };
    }
    case 'libvirt':
      return libvirtHardware(settings, given);
    case 'qemu':
      return qemuHardware(given);
    case 'parallels':
    case 'utm':
      return { ...common(given), ...listed(settings['customizations']) };
    case 'hyperv':
      return {
        ...common(given),
        memory: numberOf(given['maxmemory']) ?? numberOf(given['memory']),
        name: textOr(given['vmname']),
        nested: flagOf(given['enable_virtualization_extensions']),
        ...macOf(given['mac']),
      };
    default:
      return vmwareHardware(given);
  }
}

/** Names that most providers share. */
function common(given: Options): PartialHardware {
  return withoutHoles({
    memory: numberOf(given['memory']),
    cpus: numberOf(given['cpus']),
    name: textOr(given['name']),
    linkedClone: flagOf(given['linked_clone']),
  });
}

function libvirtHardware(settings: Options, given: Options): PartialHardware {
  const mode = textOr(given['cpu_mode']);
  const gigabytes = numberOf(given['machine_virtual_size']);
  const disks = (settings['disks'] as unknown[]).map(mapOf);
  return {
    ...common(given),
    // What vagrant-libvirt gives a machine of which nothing is said.
    memory: numberOf(given['memory']) ?? numberOf(settings['memory']),
    cpus: numberOf(given['cpus']) ?? numberOf(settings['cpus']),
    cpuModel:
      mode === 'custom' ? textOr(settings['cpu_model']) : mode === 'host-passthrough' ? 'host' : undefined,
    nested: flagOf(given['nested']),
    firmware: /ovmf|efi|edk2/i.test(textOr(given['loader']) ?? '') ? 'efi' : undefined,
    machineType: textOr(given['machine_type']),
    diskBus: textOr(given['disk_bus']),
    diskSize: gigabytes === undefined ? undefined : gigabytes * 1024 ** 3,
    networkCard: textOr(given['nic_model_type']),
    extraDisks: disks.flatMap((disk): ExtraDisk[] => {
      const size = libvirtSize(disk['size']);
      return size === undefined ? [] : [{ size, name: textOr(disk['path']), bus: textOr(disk['bus']) }];
    }),
    cdroms: (settings['cdroms'] as unknown[]).flatMap((one) => textOr(mapOf(one)['path']) ?? []),
    qemuArguments: (settings['qemu_args'] as unknown[]).flatMap((one) => textOr(mapOf(one)['value']) ?? []),
  };
}

function qemuHardware(given: Options): PartialHardware {
  return {
    memory: sizeInMebibytes(given['memory']),
    cpus: numberOf(/^(?:cpus=)?(\d+)/.exec(textOr(given['smp']) ?? '')?.[1]),
    cpuModel: textOr(given['cpu']),
    machineType: textOr(given['machine']),
    networkCard: textOr(given['net_device']),
    diskSize: libvirtSize(given['disk_resize']),
    qemuArguments: given['extra_qemu_args'] === undefined ? [] : textsOf(given['extra_qemu_args']),
  };
}

function vmwareHardware(given: Options): PartialHardware {
  const vmx = mapOf(given['vmx']);
  return withoutHoles({
    ...common(given),
    gui: flagOf(given['gui']),
    memory: numberOf(given['memory']) ?? numberOf(vmx['memsize']),
    cpus: numberOf(given['cpus']) ?? numberOf(vmx['numvcpus']),
    name: textOr(vmx['displayname']) ?? textOr(vmx['displayName']),
    nested: vmx['vhv.enable'] === undefined ? undefined : /true/i.test(String(vmx['vhv.enable'])),
    firmware: vmx['firmware'] === undefined ? undefined : vmx['firmware'] === 'efi' ? 'efi' : 'bios',
  });
}

/** `["set", :id, "--memsize", 1024]`, of Parallels and UTM. */
function listed(customizations: unknown): PartialHardware {
  const words = (Array.isArray(customizations) ? customizations : []).flatMap(
    ([, command]) => command as unknown[],
  );
  const after = (option: string) => {
    const index = words.indexOf(option);
    return index < 0 ? undefined : numberOf(words[index + 1]);
  };
  return withoutHoles({ memory: after('--memsize'), cpus: after('--cpus') });
}

/** Disks that the file asks for independently of the provider. */
function diskHardware({ disks, plugins }: Finished): PartialHardware {
  const primary = disks.find((disk) => disk.primary)?.size ?? bytesOf(plugins['disksize']?.settings['size']);
  return primary === undefined ? {} : { diskSize: primary };
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}

function flagOf(value: unknown): boolean | undefined {
  return value === undefined || value === null ? undefined : isTruthy(value);
}

/** `2G`, `512M`; a bare number is MiB, as QEMU has it. */
function sizeInMebibytes(value: unknown): number | undefined {
  const found = /^\s*(\d+)\s*([KMGT]?)/i.exec(textOr(value) ?? '');
  if (found === null) return undefined;
  const factor = { K: 1 / 1024, M: 1, G: 1024, T: 1024 ** 2 }[found[2]!.toUpperCase()] ?? 1;
  return Math.floor(Number(found[1]) * factor);
}

/** `10G`; a bare number is bytes. */
function libvirtSize(value: unknown): number | undefined {
  const found = /^\s*(\d+)\s*([KMGT]?)i?B?\s*$/i.exec(textOr(value) ?? '');
  if (found === null) return undefined;
  const power = ['', 'K', 'M', 'G', 'T'].indexOf(found[2]!.toUpperCase());
  return Number(found[1]) * 1024 ** power;
}

function macOf(value: unknown): PartialHardware {
  const digits = textOr(value)?.replaceAll(/[-:]/g, '').toLowerCase();
  return digits === undefined ? {} : { macAddresses: { 1: digits.replaceAll(/..(?!$)/g, '$&:') } };
}

function withoutHoles(hardware: PartialHardware): PartialHardware {
  return Object.fromEntries(Object.entries(hardware).filter(([, value]) => value !== undefined));
}
