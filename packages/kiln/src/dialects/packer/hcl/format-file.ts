import { format } from '@kiln/hcl';
import type { Diagnostic } from '../../../base/diagnostics.ts';
import { Problems } from '../problems.ts';
import { parseFile } from './root-blocks.ts';
import type { SourceFile } from './source-files.ts';

export interface FormattedFile {
  /** In the canonical style; undefined when the file has mistakes. */
  readonly text: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** A file in HCL2 in the canonical style, as `packer fmt` writes it. A file with mistakes is left alone. */
export function formatPackerFile(file: SourceFile): FormattedFile {
  const problems = new Problems();
  parseFile(file, problems);
  return { text: problems.hasErrors ? undefined : format(file.text), diagnostics: problems.list() };
}

/** Whether a file is one that is formatted: templates and files of variables in the native syntax. */
export function isFormattedFile(name: string): boolean {
  return name.endsWith('.pkr.hcl') || name.endsWith('.pkrvars.hcl');
}
