/** One word of a command line: systemd.service(5). `%` and `$` have a meaning in it even between quotes. */
export function quoteForUnit(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$');
  return `"${escaped}"`;
}
