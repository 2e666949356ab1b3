import type { RsyncOptions } from '../../plan/synced-folder.ts';

/** What Kiln's own copying has to do. */
export interface CopyOptions {
  readonly exclude: readonly string[];
  /** Remove what is not on the host (any more). */
  readonly delete: boolean;
  /** What links lead to stands in their place. */
  readonly followLinks: boolean;
}

/** Never copied: records of the tools themselves. */
const always = ['.vagrant/', '.kiln/'];

/** Options that change nothing, or what Kiln's own copying does anyway, once there is `--archive`. */
const withoutEffect = new Set([
  ...['--verbose', '--compress', '--progress', '--stats', '--human-readable', '--quiet', '--recursive'],
  ...['--perms', '--times', '--group', '--owner', '--links', '--partial', '--archive'],
]);

/**
 * How Kiln itself copies a folder with these options. `isExact` is false when they ask for something that only rsync does.
 */
export function copyOptions(options: RsyncOptions): CopyOptions & { readonly isExact: boolean } {
  const exclude = [...always, ...options.exclude];
  const words = options.arguments;
  if (words === undefined) return { exclude, delete: true, followLinks: true, isExact: true };
  let isExact = true;
  let isArchive = false;
  let deletes = false;
  let followLinks = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const short = /^-([a-zA-Z]+)$/.exec(word)?.[1];
    if (short !== undefined) {
      for (const letter of short) {
        if (letter === 'a') isArchive = true;
        else if (letter === 'L') followLinks = true;
        else if (!'vzqhrptgolP'.includes(letter)) isExact = false;
      }
    } else if (word === '--delete') deletes = true;
    else if (word === '--copy-links') followLinks = true;
    else if (word === '--exclude' && words[at + 1] !== undefined) exclude.push(words[++at]!);
    else if (word.startsWith('--exclude=')) exclude.push(word.slice('--exclude='.length));
    else if (!withoutEffect.has(word)) isExact = false;
    if (word === '--archive') isArchive = true;
  }
  return { exclude, delete: deletes, followLinks, isExact: isExact && isArchive };
}

/** Words for the rsync program itself. */
export function rsyncWords(options: RsyncOptions): readonly string[] {
  const words = options.arguments ?? ['--archive', '--delete', '-z', '--copy-links'];
  return [...words, ...[...always, ...options.exclude].flatMap((one) => ['--exclude', one])];
}
