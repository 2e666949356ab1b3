import { controlParagraphs } from '../../supply/packages/control-paragraphs.ts';

/** A paragraph of deb-control(5): fields by lower-case name. */
export type Stanza = ReadonlyMap<string, string>;

/** Reads the first paragraph. */
export function parseStanza(text: string): Stanza {
  return controlParagraphs(text).next().value ?? new Map();
}

/**
 * What apt has to know of a package to work out and order an installation. A package's own control file and the
 * archive's index agree on these; on others, such as the section, the archive may have another opinion.
 */
const installFields = [
  'Package',
  'Version',
  'Architecture',
  'Essential',
  'Protected',
  'Important',
  'Multi-Arch',
  'Source',
  'Installed-Size',
  'Provides',
  'Pre-Depends',
  'Depends',
  'Recommends',
  'Suggests',
  'Enhances',
  'Conflicts',
  'Breaks',
  'Replaces',
] as const;

/** The paragraph with only those fields, always in the same order and spacing. Ends with a line end. */
export function installStanza(stanza: Stanza): string {
  let text = '';
  for (const field of installFields) {
    const value = stanza.get(field.toLowerCase());
    if (value !== undefined) text += `${field}: ${value.replace(/\s+/g, ' ')}\n`;
  }
  return text;
}

/** Names in a relation such as `a (>= 1) | b, c:any [amd64]`, alternatives too. */
export function namesInRelation(relation: string | undefined): string[] {
  if (!relation) return [];
  return relation
    .split(/[,|]/)
    .map((one) => /^\s*([^\s:([]+)/.exec(one)?.[1] ?? '')
    .filter((name) => name !== '');
}

/** Name of the source package, without the version that may stand behind it. */
export function sourceName(stanza: Stanza): string {
  return stanza.get('source')?.split(/\s/, 1)[0] ?? stanza.get('package')!;
}
