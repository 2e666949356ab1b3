import { open, stat } from 'node:fs/promises';
import {
  type DetectedFormat,
  DiskImageError,
  detectFormat,
  externalFiles,
  readQcow2Header,
} from '@kiln/diskimage';
import { isSystemError, KilnError } from '../base/errors.ts';
import { looksLikeTar } from './plain-tar.ts';
import { virtualSizeOf } from './qemu-img.ts';

const sector = 512;

/** A disk file that may be opened: its format is known, and it names no other file. */
export interface DiskFile {
  readonly format: Exclude<DetectedFormat, 'qcow'>;
  readonly virtualSize: number;
}

/**
 * Looks at a file from anywhere before anything opens it as a disk. The format comes from the bytes.
 * @throws KilnError `file-missing`, `file-unsafe` when it is damaged or names other files, `unsupported`
 */
export async function inspectDisk(path: string, signal?: AbortSignal): Promise<DiskFile> {
  const size = await sizeOfFile(path);
  try {
    const format = await detectFormat(path);
    const [named] = await externalFiles(path);
    if (named) throw namesOther(path, format, named.role, named.name);
    if (format === 'qcow') {
      throw new KilnError('unsupported', `${path} is an image of qcow version 1`, {
        hint: 'convert it: qemu-img convert -f qcow -O qcow2 OLD NEW',
      });
    }
    if (format === 'raw') {
      await refuseArchive(path);
      // Everything that is nothing else is a raw disk, and most of it is none.
      if (size % sector !== 0) {
        throw new KilnError('unsupported', `${path} is no disk image`, {
          hint: 'it has no format that Kiln knows, and its size is no whole number of sectors, as a raw disk has',
        });
      }
    }
    if (format === 'raw' || format === 'iso') return { format, virtualSize: size };
    if (format !== 'qcow2') return { format, virtualSize: await virtualSizeOf(path, format, signal) };
    const header = await readQcow2Header(path);
    if (header.encrypted) {
      throw new KilnError('unsupported', `${path} is encrypted`, {
        hint: 'decrypt it with qemu-img convert first',
      });
    }
    if (header.incompatible.corrupt) throw damaged(path, 'it is marked as corrupt');
    return { format, virtualSize: header.virtualSize };
  } catch (error) {
    if (error instanceof DiskImageError) throw damaged(path, error.message);
    if (error instanceof KilnError && error.code === 'tool-failed') throw damaged(path, error.message);
    throw error;
  }
}

/** @throws KilnError `file-missing` when there is no such file, or it cannot be read */
export async function sizeOfFile(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isFile()) {
      throw new KilnError('file-missing', `${path} is ${found.isDirectory() ? 'a folder' : 'not a file'}`, {
        hint: 'name a disk image file',
      });
    }
    await (await open(path, 'r')).close();
    return found.size;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR'))
      throw new KilnError('file-missing', `there is no file ${path}`, { cause: error });
    if (isSystemError(error, 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG'))
      throw new KilnError('file-missing', `${path} cannot be read (${error.code})`, { cause: error });
    throw error;
  }
}

/** Vendors pack disks in archives; taken for a raw disk, one would only fail much later. */
async function refuseArchive(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const head = buffer.subarray(0, bytesRead);
    const kind = looksLikeTar(head)
      ? 'tar'
      : archiveMagics.find(([magic]) => head.subarray(0, magic.length).equals(magic))?.[1];
    if (!kind) return;
    throw new KilnError('unsupported', `${path} is a ${kind} archive, not a disk`, {
      hint: 'unpack it and use the disk that is inside',
    });
  } finally {
    await file.close();
  }
}

const archiveMagics = [
  [Buffer.from('PK\x03\x04'), 'zip'],
  [Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'), '7z'],
  [Buffer.from('Rar!\x1a\x07', 'latin1'), 'rar'],
] as const;

function namesOther(path: string, format: string, role: string, name: string): KilnError {
  return new KilnError('file-unsafe', `${path} names another file, "${name}", as its ${role}`, {
    hint: `if you trust it, make one file of it: qemu-img convert -f ${format} -O qcow2 OLD NEW`,
  });
}

function damaged(path: string, why: string): KilnError {
  return new KilnError('file-unsafe', `${path} is not a sound disk image: ${why}`, {
    hint: 'get the file again from where it came',
  });
}
