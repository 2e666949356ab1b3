import { DiskImageError } from '../read.ts';

/**
 * POSIX ACLs have two forms: what system calls give as `system.posix_acl_access` (linux/posix_acl_xattr.h), and
 * what ext4 keeps, where only entries of named users and groups have room for an id (fs/ext4/acl.h).
 */
export const aclNames: ReadonlySet<string> = new Set(['system.posix_acl_access', 'system.posix_acl_default']);

const callVersion = 2;
const diskVersion = 1;
const namedTags: ReadonlySet<number> = new Set([0x02, 0x08]);
const noId = 0xffffffff;

/** @throws DiskImageError when the value is no ACL */
export function aclToDisk(value: Uint8Array): Buffer {
  const from = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (from.length < 4 || (from.length - 4) % 8 !== 0 || from.readUInt32LE(0) !== callVersion)
    throw new DiskImageError('is no access control list');
  const parts = [numbers(diskVersion)];
  for (let at = 4; at < from.length; at += 8) {
    const isNamed = namedTags.has(from.readUInt16LE(at));
    parts.push(from.subarray(at, at + (isNamed ? 8 : 4)));
  }
  return Buffer.concat(parts);
}

/** @throws DiskImageError when the value is no ACL of ext4's */
export function aclFromDisk(value: Uint8Array): Buffer {
  const from = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (from.length < 4 || from.readUInt32LE(0) !== diskVersion)
    throw new DiskImageError('is no access control list');
  const parts = [numbers(callVersion)];
  for (let at = 4; at < from.length; ) {
    const isNamed = at + 4 <= from.length && namedTags.has(from.readUInt16LE(at));
    const end = at + (isNamed ? 8 : 4);
    if (end > from.length) throw new DiskImageError('is an access control list that was cut off');
    parts.push(from.subarray(at, end));
    if (!isNamed) parts.push(numbers(noId));
    at = end;
  }
  return Buffer.concat(parts);
}

function numbers(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
