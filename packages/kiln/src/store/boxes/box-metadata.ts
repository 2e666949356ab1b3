import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError, messageOf } from '../../base/errors.ts';

/** What a box says of itself in `metadata.json`. */
export interface BoxMetadata {
  readonly provider: string;
  /** As boxes name it, such as `amd64`. */
  readonly architecture?: string;
  /** Of the disk `box.img`, such as `qcow2`. */
  readonly format?: string;
  /** Bytes; what the box claims, not what its disk has. */
  readonly virtualSize?: number;
  /** Of libvirt's second format: the first is the system's. */
  readonly disks: readonly BoxDisk[];
}

export interface BoxDisk {
  /** In the box's folder, with slashes; never leads out of it. */
  readonly path: string;
  readonly name?: string;
}

/** Larger ones are no metadata. */
const largest = 1 << 20;
const gigabyte = 1024 ** 3;
/** Provider and architecture become names of folders. */
const word = /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}$/;

/**
 * @param where the box, for messages
 * @throws KilnError `file-unsafe` for what cannot be true, or would be dangerous
 */
export function parseBoxMetadata(text: string, where: string): BoxMetadata {
  if (text.length > largest) throw wrong(where, 'its metadata.json is too large');
  const value = parseJson(text, where);
  const { provider, architecture, format, virtual_size: size, disks } = value;
  if (typeof provider !== 'string') throw wrong(where, 'its metadata.json names no provider');
  for (const [what, name] of [
    ['provider', provider],
    ['architecture', architecture ?? 'any'],
  ] as const) {
    if (typeof name !== 'string' || !word.test(name))
      throw wrong(where, `its metadata.json has an impossible ${what}, ${JSON.stringify(name)}`);
  }
  if (format !== undefined && typeof format !== 'string')
    throw wrong(where, `its metadata.json has an impossible format, ${JSON.stringify(format)}`);
  if (disks !== undefined && !Array.isArray(disks))
    throw wrong(where, 'the disks of its metadata.json are no list');
  return {
    provider,
    ...(typeof architecture === 'string' && { architecture }),
    ...(typeof format === 'string' && { format }),
    ...(size !== undefined && size !== null && { virtualSize: bytesOf(size, where) }),
    disks: ((disks as unknown[] | undefined) ?? []).map((disk) => parseDisk(disk, where)),
  };
}

/** Reads the metadata of a box that is unpacked. @throws KilnError `file-unsafe` */
export async function readBoxMetadata(folder: string): Promise<BoxMetadata> {
  let text: string;
  try {
    text = await readFile(join(folder, 'metadata.json'), 'utf8');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'EISDIR', 'ELOOP', 'ENOTDIR')) throw error;
    throw wrong(folder, 'it has no metadata.json', error);
  }
  return parseBoxMetadata(text, folder);
}

function parseJson(text: string, where: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw wrong(where, `its metadata.json is no JSON: ${messageOf(error)}`, error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw wrong(where, 'its metadata.json is no JSON object');
}

/** Whole gigabytes, which some boxes write as text. */
function bytesOf(size: unknown, where: string): number {
  const count = typeof size === 'string' ? Number(size) : size;
  if (typeof count === 'number' && count >= 0 && count * gigabyte <= Number.MAX_SAFE_INTEGER)
    return count * gigabyte;
  throw wrong(where, `its metadata.json has an impossible virtual_size, ${JSON.stringify(size)}`);
}

function parseDisk(disk: unknown, where: string): BoxDisk {
  const { path, name } = (typeof disk === 'object' && disk !== null ? disk : {}) as Partial<
    Record<string, unknown>
  >;
  if (typeof path !== 'string') throw wrong(where, 'a disk of its metadata.json has no path');
  const parts = path.split('/').filter((part) => part !== '.');
  if (parts.length === 0 || parts.some((part) => part === '..' || part === '') || /[\0\\]/.test(path))
    throw wrong(where, `its metadata.json names a disk outside of it, ${JSON.stringify(path)}`);
  return { path: parts.join('/'), ...(typeof name === 'string' && { name }) };
}

function wrong(where: string, why: string, cause?: unknown): KilnError {
  return new KilnError('file-unsafe', `${where} is no sound box: ${why}`, {
    hint: 'get the box again from where it came, or ask its maker',
    ...(cause !== undefined && { cause }),
  });
}
