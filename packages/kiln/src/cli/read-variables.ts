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
  const { isMap, isScalar, LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter });
  // Only the place: a line of such a file may hold a secret.
  const placeOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const [broken] = document.errors;
  if (broken) {
    throw new KilnError('template-invalid', `${placeOf(broken.pos[0])}: this is no YAML or JSON`, {
      hint: broken.message,
      cause: broken,
    });
  }
  const root = document.contents;
  if (!isMap(root)) {
    throw new KilnError('template-invalid', `${file} is not a mapping of names to values`, {
      hint: 'write a line "name: value" for each variable',
    });
  }
  return Object.fromEntries(
    root.items.map(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : '';
      // As it is written: the number 1.10 is a version to people, and 1.1 another one.
      if (isScalar(value) && typeof value.value === 'string') return [name, value.value];
      if (isScalar(value) && value.value !== null) return [name, value.source ?? String(value.value)];
      const place = placeOf(isScalar(key) ? (key.range?.[0] ?? 0) : 0);
      throw new KilnError('template-invalid', `${place}: the value of "${name}" is not a single value`, {
        hint: 'quote a text that begins with a bracket',
      });
    }),
  );
}
