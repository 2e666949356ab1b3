import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { findVagrantfile } from '../dialects/vagrant/find-vagrantfile.ts';
import type { CliContext } from './context.ts';
import { detectTemplateKind } from './template-kind.ts';

/** A folder whose machines are described by a file. Finding it evaluates nothing. */
export interface ProjectPlace {
  readonly kind: 'kiln' | 'vagrant';
  /** What machines know it by. */
  readonly folder: string;
  /** Absolute. */
  readonly file: string;
}

/**
 * The project that a command is about: that of the file that was named, else the kiln.yaml of this folder, else the
 * Vagrantfile here or in a folder above.
 * @throws KilnError `not-found` when `VAGRANT_CWD` is no folder
 */
export function findProject(
  file: string | undefined,
  context: Pick<CliContext, 'cwd' | 'env'>,
): ProjectPlace | undefined {
  if (file !== undefined) {
    const path = resolve(context.cwd, file);
    return { kind: isVagrantfile(path) ? 'vagrant' : 'kiln', folder: dirname(path), file: path };
  }
  const own = ['kiln.yaml', 'kiln.yml'].map((name) => join(context.cwd, name)).find(existsSync);
  if (own !== undefined) return { kind: 'kiln', folder: context.cwd, file: own };
  const found = findVagrantfile(context.cwd, context.env);
  return found && { kind: 'vagrant', folder: found.folder, file: found.file };
}

function isVagrantfile(path: string): boolean {
  if (/^vagrantfile$/i.test(basename(path))) return true;
  if (/\.ya?ml$/.test(path)) return false;
  try {
    return detectTemplateKind(path, readFileSync(path, 'utf8')) === 'vagrant';
  } catch {
    // Whoever reads it will say that it cannot be read.
    return false;
  }
}
