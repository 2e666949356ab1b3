import { exceptionIds, licenseIds } from './license-ids.ts';

/** A licence as SPDX has it: an expression, with the names in it that no list has. */
export interface LicenseExpression {
  readonly expression: string;
  /** It is one identifier of SPDX's list. */
  readonly isId: boolean;
  /** What stands behind each `LicenseRef-…` of the expression: the name as the package gives it. */
  readonly references: ReadonlyMap<string, string>;
}

/**
 * Brings names and expressions of packages (Debian's copyright-format 1.0, Fedora's and Alpine's ways, or SPDX's own)
 * into the form of SPDX's Annex D. A name that is not known becomes a reference: nothing is guessed. All of the licences
 * apply together. Undefined for none.
 */
export function licenseExpression(licenses: readonly string[]): LicenseExpression | undefined {
  const references = new Map<string, string>();
  const parts = [...new Set(licenses.map((text) => disjunction(text, references)))].filter(
    (part) => part !== '',
  );
  if (parts.length === 0) return undefined;
  const expression = parts.length === 1 ? parts[0]! : parts.map(inBrackets).join(' AND ');
  return { expression, isId: knownIds.get(expression.toLowerCase()) === expression, references };
}

/** `A or B, and C`: the comma binds weakest, `and` strongest. */
function disjunction(text: string, references: Map<string, string>): string {
  const clean = text.replace(/[()]/g, ' ').replace(/\s+/g, ' ').trim();
  const sentences = clean.split(/ ?, ?and /i).filter((part) => part !== '');
  const grouped = sentences.map((sentence) =>
    join(
      sentence.split(/ or | OR |_or_|-or-(?!later)| \| /i).map((choice) =>
        join(
          choice.split(/ and | AND | & /i).map((atom) => one(atom.trim(), references)),
          ' AND ',
        ),
      ),
      ' OR ',
    ),
  );
  return join(grouped.length > 1 ? grouped.map(inBrackets) : grouped, ' AND ');
}

function join(parts: readonly string[], word: string): string {
  return [...new Set(parts)].filter((part) => part !== '').join(word);
}

function inBrackets(part: string): string {
  return part.includes(' OR ') ? `(${part})` : part;
}

function one(atom: string, references: Map<string, string>): string {
  if (atom === '') return '';
  const [name, exception] = splitException(atom);
  const id = licenseId(name);
  if (id !== undefined && exception === undefined) return id;
  const known =
    exception === undefined ? undefined : exceptionIds.get(exception.toLowerCase().replace(/ /g, '-'));
  if (id !== undefined && known !== undefined) return `${id} WITH ${known}`;
  return reference(atom, references);
}

function splitException(atom: string): [name: string, exception: string | undefined] {
  const match = /^(.*?)[ -]with[ -](.*)$/i.exec(atom);
  return match ? [match[1]!, match[2]!.replace(/[ -]exceptions?$/i, '')] : [atom, undefined];
}

function reference(name: string, references: Map<string, string>): string {
  const tidy = name.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^-+|-+$/g, '') || 'unnamed';
  let id = `LicenseRef-${tidy}`;
  for (let more = 2; references.has(id) && references.get(id) !== name; more += 1)
    id = `LicenseRef-${tidy}-${more}`;
  references.set(id, name);
  return id;
}

const knownIds = new Map(licenseIds.map((id) => [id.toLowerCase(), id]));

/** The identifier that a name stands for. */
function licenseId(name: string): string | undefined {
  const exact = knownIds.get(name.toLowerCase());
  return exact ?? gnuId(name) ?? otherNames.get(name.toLowerCase());
}

/** `GPL-2+`, `GPLv2+`, `LGPL-2.1-only`, `GFDL-NIV-1.3+`. */
function gnuId(name: string): string | undefined {
  const match = /^(A?GPL|LGPL|GFDL)(-NIV)?[- ]?v?(\d)(?:\.(\d))?(\+| or later|-or-later|-only)?$/i.exec(name);
  if (!match) return undefined;
  const [, family, invariants, major, minor = '0', later] = match;
  const suffix = later === undefined || later === '-only' ? 'only' : 'or-later';
  const middle = invariants ? '-no-invariants' : '';
  return knownIds.get(`${family}-${major}.${minor}${middle}-${suffix}`.toLowerCase());
}

/** Names that Debian, Fedora and others use for licences of SPDX's list. */
const otherNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    artistic: 'Artistic-1.0-Perl',
    'artistic-1': 'Artistic-1.0',
    expat: 'MIT',
    'mit/x11': 'MIT',
    'mit/expat': 'MIT',
    'apache-2': 'Apache-2.0',
    'asl 2.0': 'Apache-2.0',
    'artistic-2': 'Artistic-2.0',
    boost: 'BSL-1.0',
    'boost-1.0': 'BSL-1.0',
    cc0: 'CC0-1.0',
    'mpl-2': 'MPL-2.0',
    mplv2: 'MPL-2.0',
    'mplv2.0': 'MPL-2.0',
    'openldap-2.8': 'OLDAP-2.8',
    'psf-2': 'PSF-2.0',
    'edl-1': 'BSD-3-Clause',
    'edl-1.0': 'BSD-3-Clause',
    'bsd-2-clauses': 'BSD-2-Clause',
    'bsd-3-clauses': 'BSD-3-Clause',
    'bsd-2-clause-netbsd': 'BSD-2-Clause',
    bzip: 'bzip2-1.0.6',
    bzip2: 'bzip2-1.0.6',
  }),
);
