/** What an appliance description says of its disks (DMTF's DSP0243, OVF 1 and 2). */
export interface OvfDisks {
  /** Names of files, in the order in which the machine has them. */
  readonly files: readonly string[];
  readonly firmware?: 'efi';
}

/** CIM's resource type of a hard disk. */
const hardDisk = '17';

/** Reads as much of an OVF document as is needed to find its disks. Of names in it nothing is believed. */
export function parseOvfDisks(text: string): OvfDisks {
  const document = text.replace(/<!--[\s\S]*?-->/g, '');
  const files = new Map(
    elements(document, 'File').map((tag) => [attribute(tag, 'id'), attribute(tag, 'href')]),
  );
  const disks = new Map(
    elements(document, 'Disk').map((tag) => [attribute(tag, 'diskId'), attribute(tag, 'fileRef')]),
  );
  const attached = [...document.matchAll(/<(?:\w+:)?Item\b[^>]*>([\s\S]*?)<\/(?:\w+:)?Item>/g)]
    .map(([, item]) => item!)
    .filter((item) => content(item, 'ResourceType') === hardDisk)
    .map((item) => ({
      disk: /(?:^|\/)disk\/([^/\s]+)$/.exec(content(item, 'HostResource') ?? '')?.[1],
      controller: Number(content(item, 'Parent') ?? 0),
      place: Number(content(item, 'AddressOnParent') ?? 0),
    }))
    .sort((a, b) => a.controller - b.controller || a.place - b.place)
    .map(({ disk }) => disk);
  const order = attached.length > 0 ? attached : [...disks.keys()];
  const names = order.map((disk) => files.get(disks.get(disk))).filter((name) => name !== undefined);
  const isEfi = /<(?:\w+:)?Firmware\b[^>]*\btype="EFI/i.test(document);
  return { files: names.map(unescapeXml), ...(isEfi && { firmware: 'efi' as const }) };
}

/** Start tags of elements that have attributes. */
function elements(document: string, name: string): string[] {
  return [...document.matchAll(new RegExp(`<(?:\\w+:)?${name}\\s([^>]*)>`, 'g'))].map((match) => match[1]!);
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|\\s)(?:\\w+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag);
  return match?.[1] ?? match?.[2];
}

function content(item: string, name: string): string | undefined {
  return new RegExp(`<(?:\\w+:)?${name}\\b[^>]*>\\s*([^<]*?)\\s*<`).exec(item)?.[1];
}

function unescapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => names[name]!);
}
