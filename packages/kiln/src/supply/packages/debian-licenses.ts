import { readText } from '../system/read-text.ts';
import type { SystemFiles } from '../system/system-files.ts';
import { controlParagraphs } from './control-paragraphs.ts';

/** More than that is text somebody put into a field of names. */
const longestName = 120;

/**
 * The licences of a Debian package by the short names that its copyright file gives them; from files that are not in
 * the machine-readable form (Debian's copyright-format 1.0), those of the common licences that they refer to.
 */
export async function readDebianLicenses(files: SystemFiles, name: string): Promise<string[]> {
  const text = await readText(files, `usr/share/doc/${name}/copyright`);
  return text === undefined ? [] : licensesIn(text);
}

export function licensesIn(copyright: string): string[] {
  const found = new Set<string>();
  if (/^Format(?:-Specification)?:/im.test(copyright.slice(0, 2000))) {
    for (const paragraph of controlParagraphs(copyright)) {
      // Paragraphs with a licence alone have its text; which files it is for stands in the others.
      if (!paragraph.has('files') && !paragraph.has('format')) continue;
      const name = paragraph.get('license')?.split('\n', 1)[0]?.trim();
      if (name && name.length <= longestName) found.add(name);
    }
  }
  if (found.size === 0)
    for (const [, name] of copyright.matchAll(/\/usr\/share\/common-licenses\/([A-Za-z0-9.+-]*[A-Za-z0-9])/g))
      found.add(name!);
  return [...found].sort();
}
