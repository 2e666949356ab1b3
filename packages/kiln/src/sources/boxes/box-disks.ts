import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { type BoxMetadata, readBoxMetadata } from '../../store/boxes/box-metadata.ts';
import { parseOvfDisks } from './ovf-disks.ts';
import { parseVmxDisks } from './vmx-disks.ts';

/** The disks of a box: the first is that of its system. */
export interface BoxDisks {
  readonly disks: readonly {
    /** Absolute, and in the box's folder. */
    readonly path: string;
    /** What the box claims it is, if it does. */
    readonly claimed?: string;
  }[];
  readonly firmware?: 'efi';
  readonly metadata: BoxMetadata;
}

/** A description of a machine is text; nothing larger is read. */
const largestDescription = 8 << 20;

/**
 * Finds the disks of an unpacked box, of any provider whose machines are disks.
 * @throws KilnError `file-unsafe` when it names files outside, `unsupported` when it has none
 */
export async function findBoxDisks(folder: string, shown: string): Promise<BoxDisks> {
  const metadata = await readBoxMetadata(folder);
  const found = await namedDisks(folder, metadata, shown);
  if (found.files.length === 0) {
    throw new KilnError(
      'unsupported',
      `the box ${shown} for ${metadata.provider} has no disk that a machine could have`,
      {
        hint: 'boxes for libvirt, qemu, virtualbox, vmware and hyperv have one',
      },
    );
  }
  const disks = [];
  for (const name of found.files) {
    const path = await insideOf(folder, name, shown);
    disks.push({ path, ...(found.claimed !== undefined && { claimed: found.claimed }) });
  }
  return { disks, metadata, ...(found.firmware && { firmware: found.firmware }) };
}

interface NamedDisks {
  readonly files: readonly string[];
  readonly claimed?: string;
  readonly firmware?: 'efi';
}

async function namedDisks(folder: string, metadata: BoxMetadata, shown: string): Promise<NamedDisks> {
  const { disks, format } = metadata;
  if (disks.length > 0)
    return { files: disks.map(({ path }) => path), ...(format !== undefined && { claimed: format }) };
  const names = await readdir(folder);
  if (names.includes('box.img'))
    return { files: ['box.img'], ...(format !== undefined && { claimed: format }) };
  const ovf = names.find((name) => name === 'box.ovf') ?? names.find((name) => /\.ovf$/i.test(name));
  if (ovf !== undefined) return parseOvfDisks(await describedIn(folder, ovf, shown));
  const vmx = names.find((name) => /\.vmx$/i.test(name));
  if (vmx !== undefined) return parseVmxDisks(await describedIn(folder, vmx, shown));
  const hyperv = 'Virtual Hard Disks';
  if (names.includes(hyperv)) {
    const inner = (await readdir(join(folder, hyperv))).filter((name) => /\.vhdx?$/i.test(name)).sort();
    return { files: inner.map((name) => `${hyperv}/${name}`) };
  }
  // Some boxes are a disk and nothing that describes it.
  const files = names.filter((name) => /\.(?:qcow2|img|raw|vmdk|vhdx?|vdi)$/i.test(name));
  return { files: files.length === 1 ? files : [] };
}

async function describedIn(folder: string, name: string, shown: string): Promise<string> {
  const path = await insideOf(folder, name, shown);
  if ((await stat(path)).size > largestDescription)
    throw new KilnError(
      'file-unsafe',
      `the box ${shown} has a description of its machine that is too large, ${name}`,
    );
  return readFile(path, 'utf8');
}

/** @throws KilnError `file-unsafe` */
export async function insideOf(folder: string, name: string, shown: string): Promise<string> {
  const unsafe = (why: string, cause?: unknown) =>
    new KilnError('file-unsafe', `the box ${shown} names a file that ${why}: "${name}"`, {
      hint: 'get the box again, or tell its maker',
      ...(cause !== undefined && { cause }),
    });
  if (name.includes('\0') || name.startsWith('/')) throw unsafe('is outside of it');
  try {
    const [root, real] = [await realpath(folder), await realpath(join(folder, name))];
    if (!real.startsWith(`${root}${sep}`)) throw unsafe('is outside of it');
    if (!(await stat(real)).isFile()) throw unsafe('is no file');
    return real;
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES')) throw error;
    throw unsafe('is not there', error);
  }
}
