import { resolve } from 'node:path';
import { setOf } from '../../values/set.ts';
import { boolType, setType, stringType } from '../../values/type.ts';
import { boolValue, stringValue } from '../../values/value.ts';
import { decodeUtf8 } from '../encoding/bytes.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import type { FunctionHost } from '../host.ts';
import { textOf } from '../support/arguments.ts';
import { checkTextSize } from '../support/limits.ts';
import { findFiles, GlobError } from './find-files.ts';
import { expandHome } from './paths.ts';

const path = { name: 'path', type: stringType };

/** Functions that read files; relative paths start in the template's folder. */
export function fileFunctions(host: FunctionHost): readonly HclFunction[] {
  return [
    {
      name: 'file',
      description: 'The content of a file, which must be text in UTF-8.',
      parameters: [path],
      examples: [{ call: 'file("hello.txt")', gives: '"Hello, world\\n"' }],
      resultType: () => stringType,
      call: ([value]) => stringValue(readText(host, textOf(value), 0)),
    },
    {
      name: 'filebase64',
      description: 'The bytes of a file in Base64.',
      parameters: [path],
      examples: [{ call: 'filebase64("hello.txt")', gives: '"SGVsbG8sIHdvcmxkCg=="' }],
      resultType: () => stringType,
      call: ([value]) => {
        // Packer looks in the folder it was started in, unlike for all other functions.
        const there = resolve(host.currentFolder, textOf(value));
        const absolute = isFile(host, there) ? there : absolutePath(host, textOf(value), 0);
        return stringValue(Buffer.from(readBytes(host, absolute, 0)).toString('base64'));
      },
    },
    {
      name: 'fileexists',
      description:
        'Whether there is a file. It is an error if there is something else at the path, such as a folder.',
      parameters: [path],
      examples: [
        { call: 'fileexists("hello.txt")', gives: 'true' },
        { call: 'fileexists("none.txt")', gives: 'false' },
      ],
      resultType: () => boolType,
      call: ([value]) => {
        const absolute = absolutePath(host, textOf(value), 0);
        const kind = kindOf(host, absolute);
        if (kind === undefined || kind === 'file') return boolValue(kind === 'file');
        throw new FunctionError(`${absolute} is not a file${kind === 'folder' ? ' but a folder' : ''}.`, 0);
      },
    },
    {
      name: 'fileset',
      description:
        'The files in a folder whose paths from there match a pattern: `*` and `?` stand for characters except a slash, ' +
        '`**` for any folders, `[a-z]` for one of the characters, `{a,b}` for either text.',
      parameters: [path, { name: 'pattern', type: stringType }],
      examples: [{ call: 'fileset(".", "*.txt")', gives: '["hello.txt"]', loose: true }],
      resultType: () => setType(stringType),
      call: ([folder, pattern]) => {
        const start = resolve(host.baseFolder, textOf(folder));
        try {
          return setOf(stringType, findFiles(host.files, start, textOf(pattern)).map(stringValue));
        } catch (error) {
          if (!(error instanceof GlobError)) throw error;
          throw new FunctionError(error.message, 1);
        }
      },
    },
  ];
}

/**
 * The text of a file whose path is relative to the template's folder.
 * @throws FunctionError
 */
export function readText(host: FunctionHost, file: string, argument: number): string {
  const absolute = absolutePath(host, file, argument);
  const text = decodeUtf8(readBytes(host, absolute, argument));
  if (text !== undefined) return text;
  throw new FunctionError(`${absolute} is not text in UTF-8; filebase64 can read it.`, argument);
}

function absolutePath(host: FunctionHost, file: string, argument: number): string {
  return resolve(host.baseFolder, expandHome(host, file, argument));
}

function readBytes(host: FunctionHost, absolute: string, argument: number): Uint8Array {
  try {
    const bytes = host.files.read(absolute);
    checkTextSize(bytes.length);
    return bytes;
  } catch (error) {
    if (error instanceof FunctionError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new FunctionError(
      code === 'ENOENT' ? `There is no file ${absolute}.` : `${absolute} cannot be read: ${reason(error)}.`,
      argument,
    );
  }
}

function kindOf(host: FunctionHost, absolute: string): ReturnType<FunctionHost['files']['kind']> {
  try {
    return host.files.kind(absolute);
  } catch (error) {
    throw new FunctionError(`${absolute} cannot be looked at: ${reason(error)}.`, 0);
  }
}

function isFile(host: FunctionHost, absolute: string): boolean {
  try {
    return host.files.kind(absolute) === 'file';
  } catch {
    return false;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ELOOP: 'it leads to itself through symbolic links',
};

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code && reasons[code]) || message;
}
