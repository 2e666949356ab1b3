import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isSystemError, KilnError } from '../../../base/errors.ts';

/** A file of a project: its path as the user would name it, and its content. */
export interface SourceFile {
  readonly file: string;
  /** Given when the text was read from these: what of them is no UTF-8 is told when the file is parsed. */
  readonly bytes?: Uint8Array;
  readonly text: string;
}

/** What belongs to a template that was named by its file or by its folder. */
export interface SourceFiles {
  /** Those in the native syntax first, then those in JSON; each kind by name, as Packer reads them. */
  readonly templates: readonly SourceFile[];
  /** Found only when a folder was named. */
  readonly automaticVariables: readonly SourceFile[];
  /** What `path.root` says and functions' relative paths start from: the folder as the user named it. */
  readonly root: string;
}

/** Whether a file is written in JSON; anything else is in the native syntax. */
export function isJsonFile(file: string): boolean {
  return file.endsWith('.json');
}

/**
 * Reads the files of a template.
 * @throws KilnError `file-missing`
 */
export function readSourceFiles(path: string, cwd: string): SourceFiles {
  const absolute = resolve(cwd, path);
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (!found) throw new KilnError('file-missing', `there is no file ${path}`);
  if (!found.isDirectory()) {
    return { templates: [readSource(path, cwd)], automaticVariables: [], root: dirname(path) };
  }
  const names = readdirSync(absolute, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .sort(byBytes);
  const withEnding = (ending: string): SourceFile[] =>
    names.filter((name) => name.endsWith(ending)).map((name) => readSource(join(path, name), cwd));
  return {
    templates: [...withEnding('.pkr.hcl'), ...withEnding('.pkr.json')],
    automaticVariables: [...withEnding('.auto.pkrvars.hcl'), ...withEnding('.auto.pkrvars.json')],
    root: path,
  };
}

/** @throws KilnError `file-missing` */
export function readSource(file: string, cwd: string): SourceFile {
  try {
    const bytes = readFileSync(resolve(cwd, file));
    return { file, bytes, text: bytes.toString('utf8') };
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EISDIR', 'EPERM', 'ENOENT', 'ENOTDIR')) throw error;
    throw new KilnError('file-missing', `${file} cannot be read: ${error.message}`, { cause: error });
  }
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
