/** A text cut into words, quoted texts, single other characters and white space: put together they are the text. */
export function tokensOf(text: string): string[] {
  return text.match(/\s+|"(?:[^"\\\n]|\\.)*"|[\w.]+|[^\w\s]/gsu) ?? [];
}

/** The places of tokens that are no white space. */
export function wordPlaces(tokens: readonly string[]): number[] {
  return tokens.flatMap((token, index) => (/\S/.test(token) ? [index] : []));
}
