/** A word of a condition, with the index of its first character. */
export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'reference' | 'operator' | 'bracket' | 'end';
  /** As it counts: a text without its quotes, a reference's name. */
  readonly value: string;
  readonly index: number;
}

/** What cannot be read as any word. */
export interface TokenProblem {
  readonly index: number;
  readonly message: string;
  readonly hint: string;
}

const pattern =
  /(?<space>\s+)|(?<number>\d[\w.+~-]*)|\$\{(?<reference>[A-Za-z_][\w.]*)\}|(?<word>[A-Za-z_][\w./:+~-]*)|"(?<double>[^"\n]*)"|'(?<single>[^'\n]*)'|(?<operator>==|!=|<=|>=|<|>|&&|\|\||!|=~|=)|(?<bracket>[()[\],])/y;

/** Cuts a condition into words. */
export function tokensOf(text: string): readonly Token[] | TokenProblem {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const index = pattern.lastIndex;
    const groups = pattern.exec(text)?.groups;
    if (!groups) return strange(text, index);
    if (groups['space'] !== undefined) continue;
    const quoted = groups['double'] ?? groups['single'];
    if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted, index });
    for (const kind of ['number', 'reference', 'word', 'operator', 'bracket'] as const) {
      const value = groups[kind];
      if (value !== undefined) tokens.push({ kind, value, index });
    }
  }
  tokens.push({ kind: 'end', value: '', index: text.length });
  return tokens;
}

function strange(text: string, index: number): TokenProblem {
  const character = text[index]!;
  if (character === '"' || character === "'") {
    return { index, message: 'the text that begins here has no end', hint: `add ${character} behind it` };
  }
  return {
    index,
    message: `"${character}" has no meaning in a condition`,
    hint: 'a condition is like: os.release >= 12 and not container',
  };
}
