import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';

export interface VariableOptions {
  readonly var: readonly string[];
  readonly 'var-file': readonly string[];
}

/**
 * Values of variables from `--var-file` and `--var`; later ones win, and `--var` over files.
 * @throws KilnError `bad-usage`, `file-missing`, `template-invalid`
 */
export async function readVariableInputs(
  options: VariableOptions,
  cwd: string,
): Promise<Readonly<Record<string, string>>> {
  const values: Record<string, string> = {};
  for (const file of options['var-file']) Object.assign(values, await readVariableFile(file, cwd));
  return { ...values, ...parseVariables(options.var) };
}

/** `name=value` words. @throws KilnError `bad-usage` */
export function parseVariables(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf('=');
      if (equals < 1) {
        throw new KilnError('bad-usage', `--var ${equals < 0 ? word : '=…'} is not name=value`, {
          hint: 'write --var name=value',
        });
      }
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

async function readVariableFile(file: string, cwd: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(resolve(cwd, file), 'utf8');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'EACCES', 'EISDIR')) throw error;
    throw new KilnError('file-missing', `the variable file ${file} cannot be read: ${error.message}`, {
      cause: error,
    });
  }
  // JSON is YAML too.
  const { parse, YAMLParseError } = await import('yaml');
  let content: unknown;
  try {
    content = parse(text, { maxAliasCount: 100, prettyErrors: false });
  } catch (error) {
    if (!(error instanceof YAMLParseError || error instanceof ReferenceError)) throw error;
    throw new KilnError('template-invalid', `${file}: ${error.message}`, { cause: error });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new KilnError('template-invalid', `${file} is not a mapping of names to values`, {
      hint: 'write a line "name: value" for each variable',
    });
  }
  return Object.fromEntries(
    Object.entries(content).map(([name, value]: [string, unknown]) => {
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
        return [name, String(value)];
      }
      throw new KilnError('template-invalid', `${file}: the value of "${name}" is not a single value`);
    }),
  );
}
