import type { SourceLocation } from '../../../base/errors.ts';
import { groupName, userName } from '../notations/names.ts';
import type { CloudContext } from './cloud-context.ts';

/** The names in a text with commas that can be users or groups; the others are reported. */
export function namesIn(
  text: string,
  what: 'user' | 'group',
  at: SourceLocation,
  { problems }: Pick<CloudContext, 'problems'>,
): readonly string[] {
  const { parse } = what === 'user' ? userName : groupName;
  return text.split(',').flatMap((word) => {
    const name = word.trim();
    if (name === '') return [];
    const read = parse(name);
    if (typeof read === 'object') {
      problems.error(at, read.problem, read.hint);
      return [];
    }
    return [name];
  });
}
