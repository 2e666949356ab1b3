import { type Captures, Matcher } from './matcher.ts';
import { parseRegex } from './parse-regex.ts';
import { compileRegex } from './program.ts';

/** A regular expression with the syntax and the meaning of Go's package regexp: https://pkg.go.dev/regexp */
export class Regex {
  /** Of the capturing groups in order; undefined for groups without a name. */
  readonly groupNames: readonly (string | undefined)[];
  readonly #matcher: Matcher;

  /** @throws RegexSyntaxError */
  constructor(pattern: string) {
    const { node, groupNames } = parseRegex(pattern);
    this.groupNames = groupNames;
    this.#matcher = new Matcher(compileRegex(node), groupNames.length);
  }

  /**
   * The leftmost match at the offset or after it.
   * @throws RegexBudgetError
   */
  find(text: string, from = 0): Captures | undefined {
    return this.#matcher.find(text, from);
  }

  /**
   * All matches that do not overlap; no empty one right after another.
   * @throws RegexBudgetError
   */
  *findAll(text: string): Generator<Captures, void> {
    let previousEnd = -1;
    for (let offset = 0; offset <= text.length; ) {
      const match = this.find(text, offset);
      if (!match) return;
      const [start, end] = [match[0]!, match[1]!];
      if (end > offset) offset = end;
      else offset += text.codePointAt(offset)! > 0xffff ? 2 : 1;
      if (start !== end || start !== previousEnd) yield match;
      previousEnd = end;
    }
  }

  /**
   * The text with all matches replaced. In the replacement, `$1` and `${1}` stand for groups, `$name` and `${name}` for
   * named ones, and `$$` for a dollar sign.
   * @throws RegexBudgetError
   */
  replaceAll(text: string, replacement: string, checkSize: (size: number) => void): string {
    const parts = parseReplacement(replacement);
    let result = '';
    let end = 0;
    for (const match of this.findAll(text)) {
      result += text.slice(end, match[0]);
      for (const part of parts)
        result += typeof part === 'string' ? part : this.#group(part.group, text, match);
      end = match[1]!;
      checkSize(result.length);
    }
    return result + text.slice(end);
  }

  /** What a group matched, by its number, or of those with its name the first that took part. */
  #group(reference: string, text: string, match: Captures): string {
    const isNumber = /^(?:0|[1-9]\d{0,7})$/.test(reference);
    const index = isNumber
      ? Number(reference)
      : this.groupNames.findIndex((name, at) => name === reference && match[at * 2 + 2]! >= 0) + 1;
    if (!isNumber && index === 0) return '';
    const start = match[index * 2] ?? -1;
    return start < 0 ? '' : text.slice(start, match[index * 2 + 1]);
  }
}

/** Splits a replacement into text and references. A `$` that begins no reference stands for itself. */
function parseReplacement(replacement: string): (string | { readonly group: string })[] {
  const parts: (string | { readonly group: string })[] = [];
  let end = 0;
  for (const match of replacement.matchAll(/\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu)) {
    parts.push(replacement.slice(end, match.index));
    const group = match[1] ?? match[2];
    parts.push(group === undefined ? '$' : { group });
    end = match.index + match[0].length;
  }
  parts.push(replacement.slice(end));
  return parts;
}
