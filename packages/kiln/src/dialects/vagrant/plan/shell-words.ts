/** Splits a command line into words by the rules of the Bourne shell's quotes, as Ruby's `Shellwords` does. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  const pattern = /\s+|'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^\s'"\\]+)|(.)/gs;
  for (const [found, single, double, escaped, plain, stray] of line.matchAll(pattern)) {
    const part = single ?? double?.replaceAll(/\\([$`"\\\n])/g, '$1') ?? escaped ?? plain ?? stray;
    if (part === undefined) {
      if (word !== undefined && /^\s/.test(found)) words.push(word);
      word = undefined;
    } else word = (word ?? '') + part;
  }
  return word === undefined ? words : [...words, word];
}
