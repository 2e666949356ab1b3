import type { BigIntStats } from 'node:fs';
import type { ExportedTree, Handle } from './exported-tree.ts';
import type { RpcCaller } from './rpc-server.ts';
import type { XdrReader, XdrWriter } from './xdr.ts';

/** What a caller may be allowed to do (RFC 1813, ACCESS). */
const access = { read: 1, lookup: 2, modify: 4, extend: 8, delete: 16, execute: 32 } as const;

/** `fattr3`. Every file is shown as the one owner's, whoever has it on the host. */
export function writeAttributes(writer: XdrWriter, { uid, gid, tree }: Handle, facts: BigIntStats): void {
  writer
    .u32(typeOf(facts))
    .u32(Number(facts.mode & 0o7777n))
    .u32(Number(facts.nlink))
    .u32(uid)
    .u32(gid)
    .u64(facts.size)
    .u64(facts.blocks * 512n)
    .u32(0)
    .u32(0)
    .u64(BigInt(tree.id.readUInt32BE(0)))
    .u64(fileNumber(tree, facts));
  for (const time of [facts.atimeNs, facts.mtimeNs, facts.ctimeNs]) writeTime(writer, time);
}

/**
 * A client takes another filesystem's number for a mount that it has to make: all files are shown as one filesystem's, and
 * those of another one get numbers that its files do not have.
 */
export function fileNumber(tree: ExportedTree, { dev, ino }: BigIntStats): bigint {
  return dev === tree.root().facts.dev ? ino : ino ^ (dev << 40n) ^ (1n << 63n);
}

function typeOf(facts: BigIntStats): number {
  if (facts.isFile()) return 1;
  if (facts.isDirectory()) return 2;
  if (facts.isBlockDevice()) return 3;
  if (facts.isCharacterDevice()) return 4;
  if (facts.isSymbolicLink()) return 5;
  return facts.isSocket() ? 6 : 7;
}

function writeTime(writer: XdrWriter, nanoseconds: bigint): void {
  const before1970 = nanoseconds < 0n;
  writer.u32(before1970 ? 0 : Number(nanoseconds / 1_000_000_000n));
  writer.u32(before1970 ? 0 : Number(nanoseconds % 1_000_000_000n));
}

/** The bits of what was asked for that the caller may do. */
export function grantedAccess(
  wanted: number,
  { uid, gid, tree }: Handle,
  facts: BigIntStats,
  caller: RpcCaller,
): number {
  const mode = Number(facts.mode);
  const isRoot = caller.uid === 0;
  const shift = isRoot || caller.uid === uid ? 6 : caller.gids.includes(gid) ? 3 : 0;
  const bits = isRoot ? 6 | ((mode & 0o111) !== 0 ? 1 : 0) : (mode >> shift) & 7;
  const isFolder = facts.isDirectory();
  let granted = 0;
  if ((bits & 4) !== 0) granted |= access.read;
  if ((bits & 2) !== 0 && !tree.settings.readOnly)
    granted |= access.modify | access.extend | (isFolder ? access.delete : 0);
  if ((bits & 1) !== 0) granted |= isFolder ? access.lookup : access.execute;
  return wanted & granted;
}

/** `sattr3`: what is to be changed of a file. Owners are not among it: they are always the same. */
export interface NewAttributes {
  readonly mode?: number;
  readonly size?: bigint;
  /** Nanoseconds since 1970. */
  readonly accessed?: bigint;
  readonly modified?: bigint;
}

export function readNewAttributes(reader: XdrReader): NewAttributes {
  const mode = reader.bool() ? reader.u32() : undefined;
  if (reader.bool()) reader.u32();
  if (reader.bool()) reader.u32();
  const size = reader.bool() ? reader.u64() : undefined;
  const accessed = readNewTime(reader);
  const modified = readNewTime(reader);
  return {
    // Files of the host never become set-uid by a machine.
    ...(mode !== undefined && { mode: mode & 0o777 }),
    ...(size !== undefined && { size }),
    ...(accessed !== undefined && { accessed }),
    ...(modified !== undefined && { modified }),
  };
}

function readNewTime(reader: XdrReader): bigint | undefined {
  switch (reader.u32()) {
    case 1:
      return BigInt(Date.now()) * 1_000_000n;
    case 2:
      return BigInt(reader.u32()) * 1_000_000_000n + BigInt(reader.u32());
    default:
      return undefined;
  }
}
