import type { Diagnostic } from '../../../base/diagnostics.ts';
import { KilnError } from '../../../base/errors.ts';
import { Problems } from '../problems.ts';
import { readRootBlocks } from './root-blocks.ts';
import { readSourceFiles } from './source-files.ts';

/**
 * Looks at a template no deeper than its syntax: its files, and which blocks stand in them. Variables need no values,
 * components need not exist.
 * @throws KilnError `file-missing`
 */
export function packerHclSyntaxProblems(input: {
  /** A file or a folder. */
  readonly file: string;
  readonly cwd: string;
}): readonly Diagnostic[] {
  const { templates } = readSourceFiles(input.file, input.cwd);
  if (templates.length === 0) {
    throw new KilnError('file-missing', `${input.file} has no files that end in .pkr.hcl or .pkr.json`);
  }
  const problems = new Problems();
  readRootBlocks(templates, problems);
  return problems.list();
}
