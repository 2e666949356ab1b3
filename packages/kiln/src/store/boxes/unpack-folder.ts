import { link, mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { SparseWriter } from '../sparse-writer.ts';
import type { ArchiveMember } from './archive-member.ts';
import type { UnpackBudget } from './unpack-budget.ts';

const deepest = 64;

/**
 * The folder that a box is unpacked into. It knows of everything that it made and writes nowhere else: symbolic links
 * come last of all, so that nothing is ever written through one.
 */
export class UnpackFolder {
  readonly #folder: string;
  readonly #archive: string;
  readonly #budget: UnpackBudget;
  readonly #made = new Map<string, 'file' | 'folder' | 'symbolic link'>();
  readonly #links = new Map<string, string>();

  constructor(folder: string, archive: string, budget: UnpackBudget) {
    this.#folder = folder;
    this.#archive = archive;
    this.#budget = budget;
  }

  /** @throws KilnError `file-unsafe`, `disk-full` */
  async add(member: ArchiveMember): Promise<void> {
    this.#budget.member();
    const name = this.#nameOf(member);
    if (name === '') return;
    switch (member.kind) {
      case 'file':
        await this.#makeFolder(posix.dirname(name));
        await this.#replace(name);
        await this.#write(name, member);
        break;
      case 'folder':
        await this.#makeFolder(name);
        break;
      case 'symbolic link':
        await this.#makeFolder(posix.dirname(name));
        await this.#replace(name);
        this.#links.set(name, this.#targetOf(name, member.target ?? ''));
        this.#made.set(name, 'symbolic link');
        break;
      case 'hard link': {
        const target = this.#inner(member.target ?? '', 'links to');
        if (this.#made.get(target) !== 'file' || target === name)
          throw this.#unsafe(`"${name}" links to "${member.target}", which is no file of the box`);
        await this.#makeFolder(posix.dirname(name));
        await this.#replace(name);
        await link(join(this.#folder, target), join(this.#folder, name));
        this.#made.set(name, 'file');
        break;
      }
      default:
        throw this.#unsafe(`"${name}" is a ${member.kind}`);
    }
  }

  /** Makes the links, and looks where they lead. @throws KilnError `file-unsafe` */
  async finish(): Promise<void> {
    for (const [name, target] of this.#links) await symlink(target, join(this.#folder, name));
    const root = await realpath(this.#folder);
    for (const [name, target] of this.#links) {
      try {
        const real = await realpath(join(this.#folder, name));
        if (real === root || real.startsWith(`${root}${sep}`)) continue;
      } catch (error) {
        if (!isSystemError(error, 'ENOENT', 'ELOOP', 'ENOTDIR')) throw error;
        throw this.#unsafe(`the link "${name}" leads to "${target}", which is not there`);
      }
      throw this.#unsafe(`the link "${name}" leads out of it, to "${target}"`);
    }
  }

  #nameOf({ name, kind }: ArchiveMember): string {
    return this.#inner(kind === 'folder' ? name.replace(/[/\\]+$/, '') : name, 'holds');
  }

  /** A path in the box's folder; empty for the folder itself. */
  #inner(name: string, verb: string): string {
    // Boxes that were packed on Windows may have backslashes.
    const parts = name.replaceAll('\\', '/').split('/');
    const isOutside = /^(?:[/\\]|[A-Za-z]:[/\\])/.test(name) || parts.includes('..');
    if (isOutside) throw this.#unsafe(`it ${verb} "${name}", which is outside of it`);
    const inner = parts.filter((part) => part !== '' && part !== '.');
    if (
      /[\x00-\x1f\x7f]/.test(name) ||
      inner.length > deepest ||
      inner.some((part) => Buffer.byteLength(part) > 255)
    )
      throw this.#unsafe(`it ${verb} ${JSON.stringify(name.slice(0, 80))}, which can be no file's name`);
    return inner.join('/');
  }

  #targetOf(name: string, target: string): string {
    const lexical = posix.normalize(posix.join(posix.dirname(name), target));
    if (
      target === '' ||
      target.startsWith('/') ||
      target.includes('\0') ||
      lexical === '..' ||
      lexical.startsWith('../')
    )
      throw this.#unsafe(`the link "${name}" leads out of it, to "${target}"`);
    return target;
  }

  async #makeFolder(name: string): Promise<void> {
    if (name === '.' || name === '') return;
    const parts = name.split('/');
    for (let count = 1; count <= parts.length; count++) {
      const path = parts.slice(0, count).join('/');
      const kind = this.#made.get(path);
      if (kind === 'folder') continue;
      if (kind !== undefined) throw this.#unsafe(`"${name}" goes through "${path}", which is a ${kind}`);
      await mkdir(join(this.#folder, path));
      this.#made.set(path, 'folder');
    }
  }

  /** The later of two members of a name counts, as in every tar. */
  async #replace(name: string): Promise<void> {
    const kind = this.#made.get(name);
    if (kind === 'folder') throw this.#unsafe(`"${name}" is in it as a folder and as a file`);
    if (kind === undefined) return;
    this.#links.delete(name);
    await rm(join(this.#folder, name), { force: true });
  }

  async #write(name: string, { size, mode, content }: ArchiveMember): Promise<void> {
    const path = join(this.#folder, name);
    const writer = await SparseWriter.create(path, (mode & 0o755) | 0o600);
    this.#made.set(name, 'file');
    let isOpen = true;
    try {
      let position = 0;
      let written = 0;
      for await (const piece of content) {
        if (piece.position > position) await writer.skip(piece.position - position);
        await writer.write(piece.bytes);
        position = piece.position + piece.bytes.length;
        this.#budget.write(writer.written - written);
        written = writer.written;
      }
      if (size > position) await writer.skip(size - position);
      isOpen = false;
      await writer.finish();
    } finally {
      if (isOpen) await writer.abandon();
    }
  }

  #unsafe(why: string): KilnError {
    return new KilnError('file-unsafe', `${this.#archive} is not unpacked: ${why}`, {
      hint: 'do not use this box; tell those you have it from',
    });
  }
}
