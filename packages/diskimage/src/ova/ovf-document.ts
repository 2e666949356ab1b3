import type { OvaController, OvaSystem, OvaWriteOptions } from './write-options.ts';

export interface OvfDisk {
  readonly fileName: string;
  /** Bytes of the file. */
  readonly fileSize: number;
  /** Bytes that the machine sees. */
  readonly capacity: number;
  /** Bytes of it that hold data. */
  readonly populated: number;
}

const otherLinux: OvaSystem = { id: 101, description: 'Other Linux (64-bit)', vmware: 'otherLinux64Guest' };

/** Resource types of CIM_ResourceAllocationSettingData. */
const resourceTypes = { processor: 3, memory: 4, ide: 5, scsi: 6, ethernet: 10, disk: 17, sata: 20 } as const;

const controllers: Readonly<
  Record<OvaController, Readonly<{ type: number; subType?: string; title: string }>>
> = {
  lsilogic: { type: resourceTypes.scsi, subType: 'lsilogic', title: 'SCSI controller 0' },
  pvscsi: { type: resourceTypes.scsi, subType: 'VirtualSCSI', title: 'SCSI controller 0' },
  sata: { type: resourceTypes.sata, subType: 'AHCI', title: 'SATA controller 0' },
  ide: { type: resourceTypes.ide, title: 'IDE controller 0' },
};

/** Describes the machine for whoever imports it (DMTF DSP0243, Open Virtualization Format 1.1). */
export function ovfDocument(options: OvaWriteOptions, disk: OvfDisk): string {
  const { name, system = otherLinux, networks = ['VM Network'], hardware = 'vmx-11' } = options;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>
    <File ovf:id="file1" ovf:href="${escaped(disk.fileName)}" ovf:size="${disk.fileSize}"/>
  </References>
  <DiskSection>
    <Info>Disks</Info>
    <Disk ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:capacity="${disk.capacity}" ovf:capacityAllocationUnits="byte" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized" ovf:populatedSize="${disk.populated}"/>
  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>${[...new Set(networks)]
      .map(
        (network) => `
    <Network ovf:name="${escaped(network)}">
      <Description>${escaped(network)}</Description>
    </Network>`,
      )
      .join('')}
  </NetworkSection>
  <VirtualSystem ovf:id="${escaped(name)}">
    <Info>A virtual machine</Info>
    <Name>${escaped(name)}</Name>
    <OperatingSystemSection ovf:id="${system.id}" vmw:osType="${escaped(system.vmware)}">
      <Info>The operating system</Info>
      <Description>${escaped(system.description)}</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>${escaped(name)}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>${escaped(hardware)}</vssd:VirtualSystemType>
      </System>${hardwareItems(options, networks).map(item).join('')}${firmware(options)}
    </VirtualHardwareSection>${product(options)}${annotation(options)}
  </VirtualSystem>
</Envelope>
`;
}

/** Fields of one device, without the prefix of their namespace. */
type Item = Readonly<Record<string, string | number>>;

function hardwareItems(
  { cpus = 1, memory = 1024, controller = 'lsilogic', networkCard = 'E1000' }: OvaWriteOptions,
  networks: readonly string[],
): Item[] {
  const { type, subType, title } = controllers[controller];
  return [
    {
      AllocationUnits: 'hertz * 10^6',
      ElementName: `${cpus} virtual CPU`,
      InstanceID: 1,
      ResourceType: resourceTypes.processor,
      VirtualQuantity: cpus,
    },
    {
      AllocationUnits: 'byte * 2^20',
      ElementName: `${memory} MB of memory`,
      InstanceID: 2,
      ResourceType: resourceTypes.memory,
      VirtualQuantity: memory,
    },
    {
      Address: 0,
      ElementName: title,
      InstanceID: 3,
      ...(subType && { ResourceSubType: subType }),
      ResourceType: type,
    },
    {
      AddressOnParent: 0,
      ElementName: 'Disk 1',
      HostResource: 'ovf:/disk/vmdisk1',
      InstanceID: 4,
      Parent: 3,
      ResourceType: resourceTypes.disk,
    },
    ...networks.map((network, index) => ({
      AddressOnParent: 7 + index,
      AutomaticAllocation: 'true',
      Connection: network,
      ElementName: `Ethernet ${index + 1}`,
      InstanceID: 5 + index,
      ResourceSubType: networkCard,
      ResourceType: resourceTypes.ethernet,
    })),
  ];
}

/** The schema wants the fields in the order of the alphabet. */
function item(fields: Item): string {
  const lines = Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([field, value]) => `
        <rasd:${field}>${escaped(String(value))}</rasd:${field}>`,
    );
  return `
      <Item>${lines.join('')}
      </Item>`;
}

function firmware({ firmware }: OvaWriteOptions): string {
  if (firmware !== 'efi') return '';
  return `
      <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>`;
}

function product({ product }: OvaWriteOptions): string {
  if (!product) return '';
  const { name, version, vendor } = product;
  return `
    <ProductSection>
      <Info>The software in the machine</Info>
      <Product>${escaped(name)}</Product>${
        vendor === undefined
          ? ''
          : `
      <Vendor>${escaped(vendor)}</Vendor>`
      }${
        version === undefined
          ? ''
          : `
      <Version>${escaped(version)}</Version>`
      }
    </ProductSection>`;
}

function annotation({ annotation }: OvaWriteOptions): string {
  if (annotation === undefined) return '';
  return `
    <AnnotationSection>
      <Info>What its maker says of it</Info>
      <Annotation>${escaped(annotation)}</Annotation>
    </AnnotationSection>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters that XML cannot hold, not even escaped, become U+FFFD. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character]!);
}
