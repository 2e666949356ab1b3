import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { detectTemplateKind } from './template-kind.ts';

/** A Packer template: a file of JSON, or a file or folder of HCL2. */
export type PackerTemplate =
  | { readonly language: 'hcl2'; readonly path: string }
  | { readonly language: 'json'; readonly file: string; readonly text: string };

/**
 * Finds out in which language a Packer template is written, by its content.
 * @throws KilnError `file-missing`, `unsupported` for what is no Packer template
 */
export function findPackerTemplate(path: string, cwd: string): PackerTemplate {
  const found = statSync(resolve(cwd, path), { throwIfNoEntry: false });
  if (!found) throw new KilnError('file-missing', `there is no file or folder ${path}`);
  if (found.isDirectory()) return { language: 'hcl2', path };
  const text = readTemplateText(path, cwd);
  switch (detectTemplateKind(path, text)) {
    case 'packer-hcl':
      return { language: 'hcl2', path };
    case 'packer-json':
      return { language: 'json', file: path, text };
    default:
      throw new KilnError('unsupported', `${path} is no Packer template`, {
        hint: 'see `kiln plan` for what another template does',
      });
  }
}

/** @throws KilnError `file-missing` */
export function readTemplateText(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EISDIR', 'EPERM', 'ENOENT', 'ENOTDIR')) throw error;
    const why =
      error.code === 'EISDIR' ? 'is a folder, and a file is needed' : `cannot be read: ${error.message}`;
    throw new KilnError('file-missing', `${file} ${why}`, { cause: error });
  }
}
