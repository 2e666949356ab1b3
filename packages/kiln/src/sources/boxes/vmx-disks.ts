/** What a VMware configuration says of its machine's disks. */
export interface VmxDisks {
  /** Names of files, in the order of controllers and places. */
  readonly files: readonly string[];
  readonly firmware?: 'efi';
}

/** The buses in the order in which VMware starts from them. */
const buses = ['nvme', 'scsi', 'sata', 'ide'];

/** Reads a .vmx file: lines of `name = "value"`. */
export function parseVmxDisks(text: string): VmxDisks {
  const values = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^\s*([\w.:]+)\s*=\s*"([^"\r\n]*)"\s*$/gm))
    values.set(name!.toLowerCase(), value!);
  const disks: { readonly order: number; readonly file: string }[] = [];
  for (const [name, file] of values) {
    const [, bus, controller, place] = /^(nvme|scsi|sata|ide)(\d+):(\d+)\.filename$/.exec(name) ?? [];
    if (bus === undefined) continue;
    const type = values.get(`${bus}${controller}:${place}.devicetype`) ?? '';
    const isPresent = values.get(`${bus}${controller}:${place}.present`)?.toLowerCase() !== 'false';
    if (!isPresent || /cdrom/i.test(type) || !/\.vmdk$/i.test(file)) continue;
    disks.push({ order: buses.indexOf(bus) * 1e6 + Number(controller) * 1000 + Number(place), file });
  }
  const isEfi = values.get('firmware')?.toLowerCase() === 'efi';
  return {
    files: disks.sort((a, b) => a.order - b.order).map(({ file }) => file),
    ...(isEfi && { firmware: 'efi' as const }),
  };
}
