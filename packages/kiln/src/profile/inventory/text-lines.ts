import type { Survey } from './survey.ts';

/** The text of a file of a survey; undefined when it is not there. Bytes that are not UTF-8 are replaced. */
export function textOf(survey: Survey, path: string): string | undefined {
  const bytes = survey.contents.get(path);
  return bytes === undefined
    ? undefined
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Lines with something in them, trimmed, without comments that start with `#` at their beginning. */
export function plainLines(text: string | undefined, comment = '#'): string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && ![...comment].some((sign) => line.startsWith(sign)));
}

/** Files of a survey's contents directly in a folder, by path and sorted. */
export function filesIn(survey: Survey, folder: string, suffix = ''): string[] {
  return [...survey.contents.keys()]
    .filter(
      (path) =>
        path.startsWith(`${folder}/`) &&
        !path.slice(folder.length + 1).includes('/') &&
        path.endsWith(suffix),
    )
    .sort();
}

/** Assignments of shell variables, as os-release(5), locale.conf(5) and files in /etc/default have them. */
export function assignments(text: string | undefined): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of plainLines(text)) {
    const match = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (match) values.set(match[1]!, unquoted(match[2]!.trim()));
  }
  return values;
}

function unquoted(value: string): string {
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(value);
  if (double) return double[1]!.replace(/\\(["\\$`])/g, '$1');
  const single = /^'([^']*)'/.exec(value);
  return single ? single[1]! : value;
}
