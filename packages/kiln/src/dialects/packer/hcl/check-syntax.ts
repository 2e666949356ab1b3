import type { Diagnostic } from '../../../base/diagnostics.ts';
import { KilnError } from '../../../base/errors.ts';
import { Problems } from '../problems.ts';
import { readPackerBlock } from './packer-block.ts';
import { readRootBlocks } from './root-blocks.ts';
import { readSourceFiles } from './source-files.ts';

/**
 * Looks at a template no deeper than its syntax: its files, which blocks stand in them, and what it says about Packer
 * and its plugins. Variables need no values, components need not exist.
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
  const blocks = readRootBlocks(templates, problems);
  for (const { body } of blocks?.get('packer') ?? []) readPackerBlock(body, problems);
  return problems.list();
}
