import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { readTemplateText } from '../packer-template.ts';

/** A template as the command line names it, in one of Packer's two languages. */
export type TemplateFile =
  | {
      readonly language: 'json';
      /** As the user named it; messages show it. */
      readonly file: string;
      readonly text: string;
    }
  | {
      readonly language: 'hcl2';
      /** A file, or a folder of files. */
      readonly path: string;
      readonly isFolder: boolean;
    };

export type ConfigType = 'json' | 'hcl2' | undefined;

/**
 * Finds out what a template is written in by Packer's rule: a folder, `*.pkr.hcl` and `*.pkr.json` are HCL2, anything
 * else is JSON, and `-` is JSON on standard input. `-config-type` overrules all that.
 * @throws KilnError `file-missing`, `bad-usage`
 */
export function findTemplateFile(path: string, configType: ConfigType, cwd: string): TemplateFile {
  if (path === '-') {
    if (configType === 'hcl2') {
      throw new KilnError('bad-usage', 'a template in HCL2 cannot be read from standard input', {
        hint: 'Write it into a file whose name ends in .pkr.hcl.',
      });
    }
    return { language: 'json', file: '<stdin>', text: readFileSync(0, 'utf8') };
  }
  const found = statSync(resolve(cwd, path), { throwIfNoEntry: false });
  if (!found) throw new KilnError('file-missing', `there is no file or folder ${path}`);
  const isHcl =
    configType === 'hcl2' || (configType === undefined && (found.isDirectory() || isHclName(path)));
  if (isHcl) return { language: 'hcl2', path, isFolder: found.isDirectory() };
  return { language: 'json', file: path, text: readTemplateText(path, cwd) };
}

export function isHclName(path: string): boolean {
  return /\.pkr\.(?:hcl|json)$/.test(path);
}
