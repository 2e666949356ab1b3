import type { Diagnostic } from '../../../base/diagnostics.ts';
import type { SourceLocation } from '../../../base/errors.ts';

/** What a conversion could not take along, or a person should look at. */
export class Losses {
  readonly #found: Diagnostic[] = [];

  add(at: SourceLocation, message: string, hint?: string): void {
    this.#found.push({ severity: 'warning', message, ...(hint !== undefined && { hint }), at });
  }

  list(): readonly Diagnostic[] {
    return this.#found;
  }
}

/** A word of a shell. */
export function quoted(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Lines that fetch a file in a machine, and look whether it is the right one. */
export function fetchLines(url: string, sha256: string, target: string): readonly string[] {
  return [
    `curl -fsSL ${quoted(url)} -o ${quoted(target)}`,
    ...(sha256 === '' ? [] : [`echo ${quoted(`${sha256}  ${target}`)} | sha256sum -c -`]),
  ];
}

/** The same for a script, and run it. */
export function fetchedScript(url: string, sha256: string): readonly string[] {
  const script = '/tmp/fetched-script';
  return [...fetchLines(url, sha256, script), `chmod +x ${script}`, script, `rm -f ${script}`];
}

/** Of an address on another host, and not of a path beside the template. */
export function isUrl(uri: string): boolean {
  return /^https?:\/\//i.test(uri);
}
