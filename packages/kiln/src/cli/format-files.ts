import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Diagnostic } from '../base/diagnostics.ts';
import { isSystemError, KilnError } from '../base/errors.ts';
import { formatPackerFile, isFormattedFile } from '../dialects/packer/hcl/format-file.ts';

/** What formatting would make of a file. */
export interface FileLayout {
  /** As the user named it or its folder. */
  readonly file: string;
  readonly before: string;
  /** Undefined when the file has mistakes. */
  readonly after: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The files that are meant by paths: a folder stands for the templates and variable files in it.
 * @throws KilnError `file-missing`, `bad-usage` for a file of another kind
 */
export function filesToFormat(paths: readonly string[], recursive: boolean, cwd: string): readonly string[] {
  return paths.flatMap((path) => {
    const found = statSync(resolve(cwd, path), { throwIfNoEntry: false });
    if (!found) throw new KilnError('file-missing', `there is no file or folder ${path}`);
    if (found.isDirectory()) return [...filesIn(path, recursive, cwd)];
    if (isFormattedFile(path)) return [path];
    throw new KilnError('bad-usage', `${path} is no file in HCL2 that could be formatted`, {
      hint: 'their names end in .pkr.hcl and .pkrvars.hcl',
    });
  });
}

function* filesIn(folder: string, recursive: boolean, cwd: string): Iterable<string> {
  const entries = readdirSync(resolve(cwd, folder), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (recursive && !entry.name.startsWith('.')) yield* filesIn(path, recursive, cwd);
    } else if (isFormattedFile(entry.name)) yield path;
  }
}

/** @throws KilnError `file-missing` */
export function layoutOf(file: string, cwd: string): FileLayout {
  try {
    return layoutOfText(file, readFileSync(resolve(cwd, file), 'utf8'));
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM', 'ENOENT')) throw error;
    throw new KilnError('file-missing', `${file} cannot be read: ${error.message}`, { cause: error });
  }
}

export function layoutOfText(file: string, before: string): FileLayout {
  const { text, diagnostics } = formatPackerFile({ file, text: before });
  return { file, before, after: text, diagnostics };
}

/** @throws KilnError `file-missing` when the file cannot be written */
export function writeLayout({ file, after }: FileLayout, cwd: string): void {
  if (after === undefined) return;
  try {
    // In place, so that links and permissions stay.
    writeFileSync(resolve(cwd, file), after);
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC')) throw error;
    throw new KilnError('file-missing', `${file} cannot be written: ${error.message}`, { cause: error });
  }
}
