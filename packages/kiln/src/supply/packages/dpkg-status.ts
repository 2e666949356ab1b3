import { controlParagraphs } from './control-paragraphs.ts';

/** One installed package of /var/lib/dpkg/status. */
export interface DpkgPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: { readonly name: string; readonly version: string };
  readonly maintainer?: string;
  readonly homepage?: string;
  readonly summary?: string;
  /** Files that dpkg takes for configuration, by absolute path, with the MD5 of what the package brought. */
  readonly conffiles: ReadonlyMap<string, string>;
  readonly depends: readonly (readonly string[])[];
  readonly provides: readonly string[];
}

/**
 * The packages whose files are there: installed ones, and those whose installation was begun. Format: deb-status in
 * dpkg(1), deb-control(5).
 */
export function parseDpkgStatus(text: string): DpkgPackage[] {
  const packages: DpkgPackage[] = [];
  for (const fields of controlParagraphs(text)) {
    const name = fields.get('package');
    const version = fields.get('version');
    const state = fields.get('status')?.split(' ')[2];
    if (!name || !version || !state || state === 'not-installed' || state === 'config-files') continue;
    const maintainer = fields.get('maintainer');
    const homepage = fields.get('homepage');
    const summary = fields.get('description')?.split('\n', 1)[0];
    packages.push({
      name,
      version,
      architecture: fields.get('architecture') ?? 'all',
      source: sourceOf(fields.get('source'), name, version),
      ...(maintainer && { maintainer }),
      ...(homepage && { homepage }),
      ...(summary && { summary }),
      conffiles: conffilesOf(fields.get('conffiles')),
      depends: [...relationsOf(fields.get('pre-depends')), ...relationsOf(fields.get('depends'))],
      provides: relationsOf(fields.get('provides')).flat(),
    });
  }
  return packages;
}

/** `name (version)`; without a version it has the binary package's. */
function sourceOf(field: string | undefined, name: string, version: string): DpkgPackage['source'] {
  const match = /^(\S+)(?:\s+\((.+)\))?$/.exec(field ?? '');
  if (match) return { name: match[1]!, version: match[2] ?? withoutRebuild(version) };
  return { name, version: withoutRebuild(version) };
}

/** A rebuild of the same source on one architecture: `+b1`. */
function withoutRebuild(version: string): string {
  return version.replace(/\+b\d+$/, '');
}

function conffilesOf(field: string | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of field?.split('\n') ?? []) {
    const match = /^(\/.*) ([0-9a-f]{32})(?: remove-on-upgrade)?$/.exec(line.trim());
    if (match) found.set(match[1]!, match[2]!);
  }
  return found;
}

/** `a (>= 1), b | c:any` as names. */
function relationsOf(field: string | undefined): string[][] {
  if (!field) return [];
  return field
    .split(',')
    .map((group) => group.split('|').map((one) => one.trim().split(/[\s(:[<]/, 1)[0]!))
    .filter((group) => group[0] !== '');
}
