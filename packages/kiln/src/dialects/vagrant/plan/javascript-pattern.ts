/** A Ruby regular expression as one of JavaScript: anchors and options are written differently there. */
export function javascriptPattern({
  regexp,
  options,
}: {
  readonly regexp: string;
  readonly options: number;
}): { readonly pattern: string; readonly flags: string } {
  const isExtended = (options & 2) !== 0;
  const source = isExtended ? withoutLayout(regexp) : regexp;
  return {
    pattern: source
      .replaceAll(/\\[Az]/g, (anchor) => (anchor === '\\A' ? '^' : '$'))
      .replaceAll('\\Z', '$')
      .replaceAll('\\h', '[0-9a-fA-F]')
      .replaceAll(/\[\[:(\w+):\]\]/g, (whole, name: string) => classes[name] ?? whole)
      .replaceAll(/\(\?([a-z]*)(?:-[a-z]+)?:/g, '(?:'),
    flags: `${(options & 1) === 0 ? '' : 'i'}${(options & 4) === 0 ? '' : 's'}`,
  };
}

const classes: Readonly<Record<string, string>> = {
  alnum: '[A-Za-z0-9]',
  alpha: '[A-Za-z]',
  digit: '[0-9]',
  lower: '[a-z]',
  space: '\\s',
  upper: '[A-Z]',
  word: '\\w',
  xdigit: '[0-9A-Fa-f]',
};

/** Blanks and comments of the extended form. */
function withoutLayout(source: string): string {
  return source.replaceAll(/\\.|\[(?:\\.|[^\]])*\]|#.*$|\s+/gm, (found) =>
    /^[\\[]/.test(found) ? found : '',
  );
}
