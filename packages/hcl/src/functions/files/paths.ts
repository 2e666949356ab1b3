import { join, normalize, parse, resolve, sep } from 'node:path';
import { stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import type { FunctionHost } from '../host.ts';
import { textOf } from '../support/arguments.ts';

const path = { name: 'path', type: stringType };

export const basename: HclFunction = {
  name: 'basename',
  description: 'The last part of a path.',
  parameters: [path],
  examples: [
    { call: 'basename("foo/bar/baz.txt")', gives: '"baz.txt"' },
    { call: 'basename("/a/b/")', gives: '"b"' },
  ],
  resultType: () => stringType,
  call: ([value]) => {
    const text = textOf(value);
    return stringValue(text === '' ? '.' : parse(text).base || sep);
  },
};

export const dirname: HclFunction = {
  name: 'dirname',
  description: 'A path without its last part: all before the last slash.',
  parameters: [path],
  examples: [
    { call: 'dirname("foo/bar/baz.txt")', gives: '"foo/bar"' },
    { call: 'dirname("baz.txt")', gives: '"."' },
  ],
  resultType: () => stringType,
  call: ([value]) => {
    const text = textOf(value);
    const end = Math.max(text.lastIndexOf('/'), text.lastIndexOf(sep));
    return stringValue(withoutLastSlash(normalize(text.slice(0, end + 1))));
  },
};

/** `normalize` keeps a slash at the end. */
function withoutLastSlash(text: string): string {
  return text.length > parse(text).root.length && text.endsWith(sep) ? text.slice(0, -1) : text;
}

/** Functions on paths that depend on where the program runs. */
export function pathFunctions(
  host: Pick<FunctionHost, 'currentFolder' | 'homeFolder'>,
): readonly HclFunction[] {
  return [
    {
      name: 'abspath',
      description: 'A path as an absolute one. Relative paths start where the program was started.',
      parameters: [path],
      examples: [{ call: 'abspath("/foo/../bar")', gives: '"/bar"' }],
      resultType: () => stringType,
      call: ([value]) => stringValue(resolve(host.currentFolder, textOf(value)).replaceAll('\\', '/')),
    },
    {
      name: 'pathexpand',
      description: 'A path with the home folder in place of a `~` at its start.',
      parameters: [path],
      examples: [{ call: 'pathexpand("/etc/hosts")', gives: '"/etc/hosts"' }],
      resultType: () => stringType,
      call: ([value]) => stringValue(expandHome(host, textOf(value), 0)),
    },
  ];
}

/**
 * @param argument Index of the argument with the path, for errors.
 * @throws FunctionError
 */
export function expandHome(
  { homeFolder }: Pick<FunctionHost, 'homeFolder'>,
  text: string,
  argument: number,
): string {
  if (!text.startsWith('~')) return text;
  if (text.length > 1 && text[1] !== '/' && text[1] !== sep) {
    throw new FunctionError('The home folders of others, as in ~name, are not supported.', argument);
  }
  if (homeFolder === undefined) throw new FunctionError('The home folder is not known; set HOME.', argument);
  return join(homeFolder, text.slice(1));
}
