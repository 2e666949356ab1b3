import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { kilnHome } from '../base/home.ts';
import { redactor } from '../base/redact.ts';
import { kilnVersion } from '../base/version.ts';

/**
 * Writes what a developer needs to find a mistake of Kiln's own, in a file that only the user can read. Undefined
 * when even that does not work.
 */
export async function writeCrashReport(
  thrown: unknown,
  words: readonly string[],
): Promise<string | undefined> {
  const hide = redactor(variableValues(words));
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
    await writeFile(path, hide(lines.join('\n')), { mode: 0o600 });
    return path;
  } catch {
    return undefined;
  }
}

/** Values of variables may be secrets, and whether they are is only known once the template was read. */
function variableValues(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const inline = /^--?var=[^=]*=(.*)$/s.exec(word);
    if (inline) return [inline[1]!];
    const before = words[index - 1];
    const value = before === '--var' || before === '-var' ? /^[^=]*=(.*)$/s.exec(word)?.[1] : undefined;
    return value === undefined ? [] : [value];
  });
}
