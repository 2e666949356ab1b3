import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import type { ScriptSource } from '../plan/step.ts';
import type { StepContext } from './step-context.ts';

/** Packer's default; a text that brings its own first line keeps it where the template did not choose. */
const defaultShebang = '/bin/sh -e';

/**
 * The lines of an inline script as one file.
 * @param shebang interpreter and arguments, without `#!`; empty for none
 */
export function inlineScript(
  lines: Extract<ScriptSource, { kind: 'inline' }>['lines'],
  shebang: string,
  context: StepContext,
): string {
  const text = `${lines.map((line) => context.render(line)).join('\n')}\n`;
  const bringsItsOwn = text.startsWith('#!') && shebang === defaultShebang;
  return shebang === '' || bringsItsOwn ? text : `#!${shebang}\n${text}`;
}

/** A script as it is sent to a machine. */
export interface Script {
  /** For messages. */
  readonly label: string;
  readonly bytes: Buffer;
}

/**
 * The scripts of a step in order.
 * @throws KilnError `file-missing`
 */
export async function readScripts(
  source: ScriptSource,
  shebang: string,
  context: StepContext,
): Promise<readonly Script[]> {
  if (source.kind === 'inline') {
    return [{ label: 'inline script', bytes: Buffer.from(inlineScript(source.lines, shebang, context)) }];
  }
  const scripts: Script[] = [];
  for (const path of source.paths) {
    scripts.push({
      label: `script ${basename(path)}`,
      bytes: await readScript(resolve(context.folder, path)),
    });
  }
  return scripts;
}

/** Line ends of Windows as those of Unix; bytes that are no line ends stay as they are. */
export function withUnixLineEnds(bytes: Buffer): Buffer {
  if (!bytes.includes('\r\n')) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

async function readScript(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) {
      throw new KilnError('file-missing', `the script ${path} cannot be read: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}
