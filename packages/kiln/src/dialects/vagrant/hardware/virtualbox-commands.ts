import type { RawPlace } from '../ruby/messages.ts';
import type { ExtraDisk, PartialHardware } from './hardware.ts';

/** A `customize` line: when, the words for VBoxManage, and where it stands. */
export type CustomizeLine = readonly [event: string, words: unknown, place: RawPlace | null];

/** What customize lines for VirtualBox mean for a machine anywhere. */
export interface CustomizeMeaning {
  readonly hardware: PartialHardware;
  /** Options that mean nothing without VirtualBox, as people know them. */
  readonly unknown: readonly { readonly option: string; readonly place: RawPlace | null }[];
}

type Meaning = (value: string) => PartialHardware;

const nothing: Meaning = () => ({});
const isOn = (value: string) => /^(?:on|true|1|yes)$/i.test(value);

/** Options of `VBoxManage modifyvm` without their dashes and their number: spellings changed over the years. */
const modifications: Readonly<Record<string, Meaning>> = {
  memory: (value) => ({ memory: Number(value) }),
  cpus: (value) => ({ cpus: Number(value) }),
  cpuexecutioncap: (value) => ({ cpuCap: Number(value) }),
  name: (value) => ({ name: value }),
  firmware: (value) => ({ firmware: /efi/i.test(value) ? 'efi' : 'bios' }),
  nestedhwvirt: (value) => ({ nested: isOn(value) }),
  nictype: (value) => ({ networkCard: cards[value.toLowerCase()] }),
};

const cards: Readonly<Record<string, string>> = {
  virtio: 'virtio-net-pci',
  '82540em': 'e1000',
  '82543gc': 'e1000',
  '82545em': 'e1000',
  am79c970a: 'pcnet',
  am79c973: 'pcnet',
};

/** What every machine of Kiln has, has no need of, or what only concerns VirtualBox's window. */
const withoutDifference = new Set([
  ...[
    'acpi',
    'apic',
    'ioapic',
    'pae',
    'hwvirtex',
    'hpet',
    'largepages',
    'longmode',
    'nestedpaging',
    'vtxvpid',
  ],
  ...[
    'paravirtprovider',
    'rtcuseutc',
    'x2apic',
    'cpuhotplug',
    'hpet',
    'chipset',
    'bioslogofadein',
    'bioslogofadeout',
  ],
  ...[
    'natdnshostresolver',
    'natdnsproxy',
    'natdnspassdomain',
    'cableconnected',
    'nicpromisc',
    'nicspeed',
    'nic',
  ],
  ...['nataliasmode', 'natbindip', 'natsettings', 'nattftpserver', 'macaddress', 'hostonlyadapter', 'intnet'],
  ...[
    'bridgeadapter',
    'groups',
    'description',
    'iconfile',
    'ostype',
    'snapshotfolder',
    'autostartenabled',
    'draganddrop',
  ],
  ...[
    'clipboard',
    'clipboardmode',
    'vram',
    'monitorcount',
    'accelerate2dvideo',
    'accelerate3d',
    'graphicscontroller',
  ],
  ...[
    'audio',
    'audioin',
    'audioout',
    'audiocontroller',
    'audiocodec',
    'audiodriver',
    'audioenabled',
    'usb',
    'usbohci',
  ],
  ...[
    'usbehci',
    'usbxhci',
    'mouse',
    'keyboard',
    'vrde',
    'vrdeport',
    'vrdeaddress',
    'uart',
    'uartmode',
    'uarttype',
    'boot',
  ],
  ...[
    'biosbootmenu',
    'triplefaultreset',
    'spec-ctrl',
    'ibpb-on-vm-entry',
    'l1d-flush-on-vm-entry',
    'recording',
  ],
  ...[
    'pagefusion',
    'guestmemoryballoon',
    'nested-paging',
    'natpf',
    'bridgeadapter',
    'nicproperty',
    'tpmtype',
  ],
]);

/** Commands of VBoxManage that say nothing about the machine itself. */
const commandsWithoutDifference = new Set([
  'setextradata',
  'guestproperty',
  'sharedfolder',
  'bandwidthctl',
  'hostonlyif',
  'dhcpserver',
  'natnetwork',
  'storagectl',
  'startvm',
  'showvminfo',
  'list',
]);

export function readCustomizations(lines: readonly CustomizeLine[]): CustomizeMeaning {
  const unknown: CustomizeMeaning['unknown'][number][] = [];
  const disks = new Map<string, ExtraDisk>();
  const macAddresses: Record<number, string> = {};
  let hardware: PartialHardware = {};
  for (const [, words, place] of lines) {
    const [command, ...rest] = (Array.isArray(words) ? words : []).map(String);
    if (command === 'modifyvm') {
      for (const [option, value] of pairs(rest)) {
        const mac = /^mac-?address(\d+)$/.exec(option);
        if (mac !== null && /^[0-9a-f]{12}$/i.test(value)) {
          macAddresses[Number(mac[1])] = value.toLowerCase().replaceAll(/..(?!$)/g, '$&:');
        }
        const name = option
          .replace(/\d+$/, '')
          .replace(/^nic-type$/, 'nictype')
          .replace(/^nested-hw-virt$/, 'nestedhwvirt');
        const meaning = modifications[name] ?? (isWithoutDifference(name) ? nothing : undefined);
        if (meaning === undefined) unknown.push({ option: `modifyvm --${option}`, place });
        else hardware = { ...hardware, ...meaning(value) };
      }
    } else if (command === 'createhd' || command === 'createmedium') {
      const disk = createdDisk(rest);
      if (disk !== undefined) disks.set(disk.name ?? '', disk);
    } else if (command === 'modifyhd' || command === 'modifymedium') {
      const size = new Map(pairs(rest)).get('resize');
      if (size !== undefined) hardware = { ...hardware, diskSize: Number(size) * 1024 ** 2 };
    } else if (command === 'storageattach') {
      attach(new Map(pairs(rest)), disks);
    } else if (command !== undefined && !commandsWithoutDifference.has(command)) {
      unknown.push({ option: command, place });
    }
  }
  const extraDisks = [...disks.values()];
  return {
    hardware: {
      ...hardware,
      ...(Object.keys(macAddresses).length > 0 && { macAddresses }),
      ...(extraDisks.length > 0 && { extraDisks }),
    },
    unknown,
  };
}

/** `--option value` pairs. */
function pairs(words: readonly string[]): [string, string][] {
  return words.flatMap((word, index): [string, string][] => {
    const option = /^--?([a-z].*)$/i.exec(word)?.[1];
    if (option === undefined) return [];
    const [name, inline] = option.split('=', 2);
    return [[name!.toLowerCase(), inline ?? words[index + 1] ?? '']];
  });
}

function isWithoutDifference(name: string): boolean {
  return withoutDifference.has(name) || withoutDifference.has(name.replaceAll('-', ''));
}

/** Sizes are in MiB unless bytes are asked for. */
function createdDisk(words: readonly string[]): ExtraDisk | undefined {
  const options = new Map(pairs(words));
  const [size, bytes] = [Number(options.get('size')), Number(options.get('sizebyte'))];
  const whole = size > 0 ? size * 1024 ** 2 : bytes;
  return whole > 0 ? { size: whole, name: options.get('filename'), bus: undefined } : undefined;
}

function attach(options: ReadonlyMap<string, string>, disks: Map<string, ExtraDisk>): void {
  const medium = options.get('medium') ?? '';
  const disk = disks.get(medium);
  const controller = options.get('storagectl') ?? '';
  const bus = /sata|ide|scsi|nvme|virtio/i.exec(controller)?.[0].toLowerCase();
  if (disk !== undefined) disks.set(medium, { ...disk, bus });
}
