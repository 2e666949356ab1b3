import { createHash } from 'node:crypto';
import { uuidBytes } from '../uuid.ts';
import { vmdkSector } from './header.ts';
import type { VmdkAdapter } from './write-options.ts';

export interface NewDescriptor {
  /** File name of the disk. */
  readonly name: string;
  /** Bytes. */
  readonly capacity: number;
  readonly uuid: string;
  readonly adapter: VmdkAdapter;
}

/** The text in a streamOptimized file that says what it is (Virtual Disk Format 5.0, "The Descriptor File"). @throws RangeError */
export function encodeDescriptor({ name, capacity, uuid, adapter }: NewDescriptor): string {
  if (name === '' || /["\r\n\0]/.test(name))
    throw new RangeError(`"${name}" cannot be the name of a disk in a VMDK descriptor`);
  const contentId = createHash('sha256').update(uuidBytes(uuid)).digest('hex');
  const heads = adapter === 'ide' ? 16 : 255;
  const cylinders = Math.min(
    Math.floor(capacity / vmdkSector / heads / 63),
    adapter === 'ide' ? 16383 : 65535,
  );
  return `# Disk DescriptorFile
version=1
encoding="UTF-8"
CID=${shortContentId(contentId)}
parentCID=ffffffff
createType="streamOptimized"

# Extent description
RW ${capacity / vmdkSector} SPARSE "${name}"

# The Disk Data Base
#DDB

ddb.adapterType = "${adapter}"
ddb.geometry.cylinders = "${cylinders}"
ddb.geometry.heads = "${heads}"
ddb.geometry.sectors = "63"
ddb.longContentID = "${contentId.slice(0, 32)}"
ddb.uuid.image = "${uuid.toLowerCase()}"
ddb.virtualHWVersion = "11"
`;
}

/** The largest two numbers stand for "no parent" and the like. */
function shortContentId(contentId: string): string {
  const id = contentId.slice(24, 32);
  return id.startsWith('fffffff') ? `0${id.slice(1)}` : id;
}
