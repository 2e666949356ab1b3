import type { Block } from '@kiln/hcl';
import type { SourceLocation } from '../../../base/errors.ts';
import { didYouMean } from '../../../base/suggest.ts';
import type { Problems } from '../problems.ts';
import { placeOf, placeText } from './diagnostics.ts';
import { isName } from './names.ts';
import type { RootBlocks } from './root-blocks.ts';

/** A source as a template declares it. */
export interface SourceBlock {
  readonly type: string;
  readonly name: string;
  readonly block: Block;
}

/** The sources of a template by `type.name`. */
export function readSourceBlocks(blocks: RootBlocks, problems: Problems): ReadonlyMap<string, SourceBlock> {
  const sources = new Map<string, SourceBlock>();
  for (const block of blocks.get('source')!) {
    const [type, name] = block.labels as [string, string];
    const first = sources.get(`${type}.${name}`);
    if (!first) sources.set(`${type}.${name}`, { type, name, block });
    else {
      const place = placeText(first.block.headerRange);
      problems.error(
        placeOf(block.headerRange),
        `there is a source "${type}" "${name}" already, at ${place}`,
      );
    }
  }
  return sources;
}

/**
 * The source that a reference such as `source.null.a` or `null.a` means. Undefined after a mistake that was reported.
 */
export function findSource(
  reference: string,
  at: SourceLocation,
  sources: ReadonlyMap<string, SourceBlock>,
  problems: Problems,
): SourceBlock | undefined {
  const parts = reference.split('.');
  const [type, name] = parts.length > 2 ? parts.slice(1) : parts;
  if (type === undefined || name === undefined || !isName(type) || !isName(name)) {
    problems.error(at, `"${reference}" is no reference to a source`, 'write source.TYPE.NAME');
    return undefined;
  }
  if (parts.length > 2 && parts[0] !== 'source' && parts[0] !== 'sources') {
    problems.warn(at, `"${reference}" is taken for the source ${type}.${name}`, 'write source.TYPE.NAME');
  }
  const found = sources.get(`${type}.${name}`);
  if (!found) {
    const names = [...sources.keys()];
    const hint =
      didYouMean(`${type}.${name}`, names) ??
      (names.length > 0 ? `the sources are ${names.join(', ')}` : 'the template declares no sources');
    problems.error(at, `there is no source ${type}.${name}`, hint);
  }
  return found;
}
