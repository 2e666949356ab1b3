import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { kilnHome } from '../base/home.ts';
import { redactor } from '../base/redact.ts';
import { kilnVersion } from '../base/version.ts';
import { withoutSecrets } from './context.ts';

/**
 * Writes what a developer needs to find a mistake of Kiln's own, in a file that only the user can read. Undefined
 * when even that does not work.
 */
export async function writeCrashReport(
  thrown: unknown,
  words: readonly string[],
): Promise<string | undefined> {
  const hideMore = redactor(confidences(words, process.env));
  const lines = [
    `kiln ${kilnVersion}, Node ${process.version}, ${process.platform}-${process.arch}`,
    `command: ${words.map((word) => JSON.stringify(word)).join(' ')}`,
    '',
    inspect(thrown, { depth: 6 }),
    '',
  ];
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const folder = join(kilnHome(), 'reports');
  const path = join(folder, `${stamp}-${process.pid}.txt`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(path, hideMore(withoutSecrets(lines.join('\n'))), { mode: 0o600 });
    return path;
  } catch {
    return undefined;
  }
}

/**
 * Everything that the command was told in confidence, or may have been: which variables are secrets is only known once
 * the template was read, and that may be what went wrong.
 */
function confidences(words: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const fromFiles = valuesOf(words, 'var-file').flatMap(valuesInFile);
  const fromEnv = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && /^(?:KILN|PKR)_VAR_|TOKEN|SECRET|PASS|KEY|CREDENTIAL/i.test(name) ? [value] : [],
  );
  const given = valuesOf(words, 'var').map((word) => word.replace(/^[^=]*=/s, ''));
  // What everybody knows would only blot out the report.
  return [...given, ...fromFiles, ...fromEnv].filter(
    (value) => value.length > 3 && !/^(?:true|false|null)$/.test(value),
  );
}

/** What an option was given, however it was written. */
function valuesOf(words: readonly string[], name: string): string[] {
  return words.flatMap((word, index) => {
    const inline = new RegExp(`^--?${name}=(.*)$`, 's').exec(word)?.[1];
    if (inline !== undefined) return [inline];
    const before = words[index - 1];
    return before === `--${name}` || before === `-${name}` ? [word] : [];
  });
}

/** Whatever may be a value in a file of variables in YAML, JSON or HCL. */
function valuesInFile(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const quoted = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g)].map((match) => match[1] ?? match[2]!);
  const plain = [...text.matchAll(/[:=][ \t]*([^\s"'{[].*)$/gm)].map((match) => match[1]!.trim());
  return [...quoted, ...plain];
}
