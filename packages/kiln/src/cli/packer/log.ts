import { closeSync, openSync, writeSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { KilnError, messageOf } from '../../base/errors.ts';

/** What PACKER_LOG asks for: everything that happens, for whoever looks for a mistake. */
export interface PackerLog {
  readonly line: (text: string) => void;
  readonly close: () => void;
}

/**
 * PACKER_LOG with a value other than "" and "0" writes a log to standard error, and with PACKER_LOG_PATH to that file
 * instead, which begins anew.
 * @throws KilnError `bad-usage` when the file cannot be written
 */
export function openPackerLog(env: Readonly<Record<string, string | undefined>>): PackerLog {
  const { PACKER_LOG: wanted, PACKER_LOG_PATH: path } = env;
  if (!wanted || wanted === '0') return { line: () => {}, close: () => {} };
  if (!path) return { line: (text) => void process.stderr.write(stamped(text)), close: () => {} };
  let file: number | undefined;
  try {
    file = openSync(path, 'w', 0o600);
  } catch (error) {
    throw new KilnError('bad-usage', `PACKER_LOG_PATH: ${path} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return {
    line: (text) => {
      if (file !== undefined) writeSync(file, stamped(text));
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** As Go's package log writes it: the local time in front of every line. */
function stamped(text: string): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`;
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  return stripVTControlCharacters(text)
    .split('\n')
    .map((line) => `${date} ${time} ${line}\n`)
    .join('');
}
