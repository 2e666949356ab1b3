import { readText } from '../system/read-text.ts';
import type { SystemFiles } from '../system/system-files.ts';

/** What a system says it is, as far as it says so: os-release(5). */
export interface OsRelease {
  /** `debian`, `ubuntu`, `alpine`, `fedora`; `linux` when nothing is said. */
  readonly id: string;
  readonly version?: string;
  readonly prettyName: string;
}

export async function readOsRelease(files: SystemFiles): Promise<OsRelease> {
  const text =
    (await readText(files, 'etc/os-release')) ?? (await readText(files, 'usr/lib/os-release')) ?? '';
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Z_]+)=(.*)$/.exec(line);
    if (match) values.set(match[1]!, unquote(match[2]!.trim()));
  }
  const id = values.get('ID') ?? 'linux';
  // Debian's unreleased version has a name only.
  const version = values.get('VERSION_ID') ?? values.get('VERSION_CODENAME');
  return {
    id,
    ...(version && { version }),
    prettyName: values.get('PRETTY_NAME') ?? values.get('NAME') ?? id,
  };
}

/** Values are quoted as a shell would have them. */
function unquote(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value) ?? /^'([^']*)'$/.exec(value);
  return quoted ? quoted[1]!.replace(/\\(["\\$`])/g, '$1') : value;
}
