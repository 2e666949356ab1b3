/**
 * A test for paths of a tree (without a slash at the start). In a pattern, which starts with a slash, `*` stands for any
 * part of one name, but not for a dot at its start, as in a shell; everything else for itself. Patterns are text, paths
 * have one character a byte.
 */
export function pathMatcher(
  patterns: readonly string[],
  what: 'path' | 'path-or-below' | 'below',
): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const end = { path: '$', 'path-or-below': '(?:/|$)', below: '/' }[what];
  const expression = new RegExp(`^(?:${patterns.map(patternSource).join('|')})${end}`, 's');
  return (path) => expression.test(path);
}

function patternSource(pattern: string): string {
  return Buffer.from(pattern, 'utf8')
    .toString('latin1')
    .replace(/\/+$/, '')
    .replace(/^\/+/, '')
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/(^|\/)\*/g, '$1(?!\\.)[^/]*')
    .replace(/(?<!\])\*/g, '[^/]*');
}
