import { isAbsolute, resolve } from 'node:path';
import { parseDuration } from '../durations.ts';
import { parseSize } from '../sizes.ts';
import { notation } from './shape.ts';

/** Bytes, written as `512M` or `4G`. */
export const size = notation<number>({
  expected: 'a size such as 512M or 4G',
  pattern: '^\\s*\\d+(\\.\\d+)?\\s*([kKmMgGtT]([iI]?[bB])?)\\s*$',
  allowsNumber: false,
  parse: (text) => {
    const bytes = parseSize(text);
    if (bytes === undefined) return undefined;
    // Nobody means 4 bytes: a number alone has lost its unit.
    if (/^\s*[\d.]+\s*$/.test(text)) {
      return { problem: `"${text}" has no unit`, hint: `write ${text}M or ${text}G` };
    }
    if (bytes < 1 << 20) return { problem: `${text} is too small`, hint: 'the least is 1M' };
    return bytes;
  },
});

/** Milliseconds, written as `30s` or `1h30m`. */
export const duration = notation<number>({
  expected: 'a duration such as 30s, 5m or 1h30m',
  pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h))+$',
  allowsNumber: false,
  parse: (text) => {
    if (/^\d+(?:\.\d+)?$/.test(text) && text !== '0') {
      return { problem: `"${text}" has no unit`, hint: `write ${text}s for seconds` };
    }
    const milliseconds = parseDuration(text);
    return milliseconds === undefined || milliseconds < 0 ? undefined : milliseconds;
  },
});

/** A user of the machine. */
export const userName = notation<string>({
  expected: 'a user name such as "root" or "debian"',
  pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
  allowsNumber: false,
  parse: (text) => (/^[a-z0-9_][\w.-]*$/i.test(text) ? text : undefined),
});

/** A host name as RFC 1123 has it. */
export const hostName = notation<string>({
  expected: 'a host name such as "web-1"',
  pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$',
  allowsNumber: false,
  parse: (text) =>
    text.length <= 253 && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(text) && !/\.\.|-\.|\.-/.test(text)
      ? text
      : undefined,
});

/** Name of an image or a machine: it becomes a file name, a host name and part of the command line. */
export const nameKey = {
  pattern: '^(?=.{1,63}$)[a-z0-9]+([._-][a-z0-9]+)*$',
  expected: 'small letters, digits, ".", "_" and "-", such as "web-1"',
} as const;

/** An absolute path, from one that refers to the folder of the file. */
export function fromFolder(folder: string, path: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}
