import { controlParagraphs } from '../../supply/packages/control-paragraphs.ts';
import type { InventoryPackage } from './inventory.ts';
import type { Survey } from './survey.ts';
import { textOf } from './text-lines.ts';

/** What dpkg and apt know of the packages of a system: deb-status in dpkg(1), apt-mark(8). */
export interface DpkgState {
  readonly architecture?: string;
  readonly packages: readonly InventoryPackage[];
  /** Configuration files of installed packages, by path. */
  readonly conffiles: ReadonlyMap<string, Conffile>;
}

export interface Conffile {
  readonly package: string;
  /** Of what the package brought. */
  readonly md5: string;
  /** An earlier version of the package has brought it. */
  readonly obsolete: boolean;
}

export function readDpkgState(survey: Survey): DpkgState {
  const automatic = automaticPackages(textOf(survey, '/var/lib/apt/extended_states') ?? '');
  const packages: InventoryPackage[] = [];
  const conffiles = new Map<string, Conffile>();
  let architecture: string | undefined;
  for (const fields of controlParagraphs(textOf(survey, '/var/lib/dpkg/status') ?? '')) {
    const [name, version, status] = ['package', 'version', 'status'].map((field) => fields.get(field));
    const [wanted, , found] = status?.split(' ') ?? [];
    if (!name || !version || !found || found === 'not-installed') continue;
    const state = found === 'installed' ? 'installed' : found === 'config-files' ? 'config-files' : 'broken';
    const own = fields.get('architecture') ?? 'all';
    if (name === 'dpkg') architecture = own;
    packages.push({
      name,
      version,
      architecture: own,
      manual: !automatic.has(`${name}:${own}`) && !(own === 'all' && automatic.has(`${name}:any`)),
      held: wanted === 'hold',
      required:
        fields.get('essential') === 'yes' ||
        fields.get('protected') === 'yes' ||
        fields.get('priority') === 'required',
      state,
      depends: [...relations(fields.get('pre-depends')), ...relations(fields.get('depends'))],
      provides: relations(fields.get('provides')).flat(),
    });
    if (state === 'installed')
      for (const one of readConffiles(fields.get('conffiles'), name)) conffiles.set(...one);
  }
  packages.sort((a, b) => compare(a.name, b.name) || compare(a.architecture, b.architecture));
  return { packages, conffiles, ...(architecture === undefined ? {} : { architecture }) };
}

/** Packages that apt has taken along, as `name:architecture`; packages for every architecture also as `name:any`. */
function automaticPackages(text: string): Set<string> {
  const found = new Set<string>();
  for (const fields of controlParagraphs(text)) {
    const name = fields.get('package');
    if (name === undefined || fields.get('auto-installed') !== '1') continue;
    found.add(`${name}:${fields.get('architecture') ?? 'any'}`);
    // apt remembers a package for all architectures under the machine's own.
    found.add(`${name}:any`);
  }
  return found;
}

/** `path md5 [flags]` a line. */
function readConffiles(field: string | undefined, name: string): [string, Conffile][] {
  const found: [string, Conffile][] = [];
  for (const line of field?.split('\n') ?? []) {
    const match = /^\s*(\/.*) ([0-9a-f]{32})((?: [a-z-]+)*)$/.exec(line);
    if (match)
      found.push([match[1]!, { package: name, md5: match[2]!, obsolete: match[3]!.includes('obsolete') }]);
  }
  return found;
}

/** `a (>= 1), b | c:any` as names: deb-control(5). */
function relations(field: string | undefined): string[][] {
  if (!field) return [];
  return field
    .split(',')
    .map((group) => group.split('|').map((one) => one.trim().split(/[\s(:[<]/, 1)[0]!))
    .filter((group) => group[0] !== '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
