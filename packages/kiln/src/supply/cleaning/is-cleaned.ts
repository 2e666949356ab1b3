import { pathMatcher } from '../system/path-patterns.ts';
import type { SystemEntry } from '../system/system-files.ts';
import { type CleaningAction, cleaningRules } from './cleaning-list.ts';

const pathsOf = (kind: CleaningAction['kind']) =>
  cleaningRules.flatMap(({ actions }) =>
    actions.filter((action) => action.kind === kind).flatMap(({ paths }) => paths),
  );

const removed = pathMatcher(pathsOf('remove'), 'path-or-below');
const cleared = pathMatcher(pathsOf('clear'), 'below');
const filesRemoved = pathMatcher(pathsOf('remove-files'), 'below');
const emptied = pathMatcher(pathsOf('empty'), 'path');

/**
 * What cleaning does to a file of a tree: `remove` it, make it `empty`, or nothing. What is left of a system after
 * cleaning is all that tells one image from another.
 * @param path as in a tree, without a slash at the start
 */
export function cleaningOf(path: string, kind: SystemEntry['kind']): 'remove' | 'empty' | undefined {
  if (removed(path) || cleared(path)) return 'remove';
  const isFile = kind === 'file' || kind === 'link';
  if (isFile && filesRemoved(path)) return 'remove';
  return isFile && emptied(path) ? 'empty' : undefined;
}
