/** What a folder's patterns leave out. @param path relative to the folder, with `/` between names */
export type Excluded = (path: string, isFolder: boolean) => boolean;

/**
 * Patterns as rsync(1) has them ("FILTER RULES"): a slash at the start ties one to the folder's root, one at the end means
 * folders only; `*` and `?` stop at slashes, `**` does not; without a slash only the last name counts. The first that
 * matches decides; `+ ` in front of one keeps what it matches. What is in a folder that is left out is left out, too.
 */
export function excludePatterns(patterns: readonly string[]): Excluded {
  const rules = patterns.flatMap((one) => rule(one) ?? []);
  const alone: Excluded = (path, isFolder) =>
    rules.find((one) => (isFolder || !one.foldersOnly) && one.matches.test(path))?.exclude ?? false;
  return (path, isFolder) => {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      if (alone(path.slice(0, at), true)) return true;
    }
    return alone(path, isFolder);
  };
}

interface Rule {
  readonly matches: RegExp;
  readonly foldersOnly: boolean;
  readonly exclude: boolean;
}

function rule(text: string): Rule | undefined {
  const sign = /^([+-]) (.+)$/s.exec(text);
  let pattern = sign ? sign[2]! : text;
  // "a/***" is "a/" and all that is in it, which leaving out the folder does.
  pattern = pattern.replace(/\/\*\*\*$/, '/');
  const foldersOnly = pattern.length > 1 && pattern.endsWith('/');
  if (foldersOnly) pattern = pattern.slice(0, -1);
  if (pattern === '' || pattern === '/') return undefined;
  const anchored = pattern.startsWith('/');
  const body = expression(anchored ? pattern.slice(1) : pattern);
  const matches = new RegExp(`${anchored ? '^' : '(?:^|/)'}${body}$`, 's');
  return { matches, foldersOnly, exclude: sign?.[1] !== '+' };
}

function expression(pattern: string): string {
  let out = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '*') {
      const isDouble = pattern[at + 1] === '*';
      while (pattern[at + 1] === '*') at++;
      out += isDouble ? '.*' : '[^/]*';
    } else if (character === '?') out += '[^/]';
    else if (character === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) out += '\\[';
      else {
        const inner = pattern
          .slice(at + 1, end)
          .replace(/^[!^]/, '^')
          .replaceAll('\\', '\\\\');
        out += `(?!/)[${inner.replace(/\[(?!:)/g, '\\[')}]`;
        at = end;
      }
    } else if (character === '\\' && at + 1 < pattern.length) out += literal(pattern[++at]!);
    else out += literal(character);
  }
  return out;
}

function literal(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
}
