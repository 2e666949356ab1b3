import { KilnError } from '../../base/errors.ts';

/** How Vagrant writes `/` in the name of a box's folder. */
const slash = '-VAGRANTSLASH-';
/** Windows writes `:` so. */
const colon = '-VAGRANTCOLON-';

/** The folder of a box, from its name. @throws KilnError `bad-usage` for a name that can be none */
export function folderOfBox(name: string): string {
  const folder = name.replaceAll('/', slash);
  const isImpossible = name === '' || name.startsWith('.') || name.endsWith('/');
  if (isImpossible || /[\x00-\x1f\x7f\\]/.test(name) || Buffer.byteLength(folder) > 200) {
    throw new KilnError('bad-usage', `"${name}" cannot be the name of a box`, {
      hint: 'a name is such as debian/bookworm64, or a word',
    });
  }
  return folder;
}

export function boxOfFolder(folder: string): string {
  return folder.replaceAll(slash, '/').replaceAll(colon, ':');
}
