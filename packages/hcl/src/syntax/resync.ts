import type { Cursor } from './cursor.ts';
import { startsItem } from './lookahead.ts';
import { code } from './token.ts';

/**
 * After a mistake in an argument or a block that started at token `from`, goes on where the next one probably starts:
 * after the line on which all brackets are closed again; or, as they may never be closed, before a line that is not
 * indented any further than the first and looks like a new beginning.
 */
export function resync(cursor: Cursor, from: number): void {
  const { table } = cursor;
  const { kinds } = table;
  const brackets = new Brackets();
  const indentation = indentationAt(cursor, table.starts[from]!);
  const failedAt = lineStartBefore(kinds, cursor.failedAt, from);
  let index = from;
  for (; index < table.length - 1; index++) {
    const kind = kinds[index]!;
    if (kind === code.newline) {
      brackets.leaveQuotes();
      if (index < failedAt) continue;
      if (
        (brackets.depth === 0 && index >= cursor.failedAt) ||
        beginsAnew(cursor, table.end(index), indentation)
      ) {
        index++;
        break;
      }
    } else if (kind === code.closeBrace && index >= failedAt && !brackets.has(code.openBrace)) {
      // It closes what is around.
      break;
    } else {
      brackets.pass(kind);
    }
  }
  cursor.recover(index);
}

/** The line end before a token, if it is after `from`: the line on which something was missed may be a new beginning. */
function lineStartBefore(kinds: Uint8Array, failedAt: number, from: number): number {
  for (let index = failedAt; index > from; index--) if (kinds[index] === code.newline) return index;
  return failedAt;
}

/** Whether a line looks like the next item beside or around one with this indentation. */
function beginsAnew(cursor: Cursor, lineStart: number, indentation: number): boolean {
  const { text } = cursor.source;
  let first = lineStart;
  while (text[first] === ' ' || text[first] === '\t') first++;
  const depth = first - lineStart;
  if (depth < indentation && text[first] === '}') return true;
  return depth <= indentation && startsItem(text, lineStart);
}

function indentationAt(cursor: Cursor, start: number): number {
  const { text } = cursor.source;
  let at = start;
  while (at > 0 && (text[at - 1] === ' ' || text[at - 1] === '\t')) at--;
  return start - at;
}

const openers = new Map<number, number>([
  [code.closeBrace, code.openBrace],
  [code.closeBracket, code.openBracket],
  [code.closeParenthesis, code.openParenthesis],
  [code.closeQuote, code.openQuote],
  [code.closeHeredoc, code.openHeredoc],
  [code.closeTemplate, code.openInterpolation],
]);
const openKinds = new Set(openers.values());

/** The brackets that are open, counted so that a closing one without partner costs nothing. */
class Brackets {
  readonly #open: number[] = [];
  readonly #counts = new Map<number, number>();

  get depth(): number {
    return this.#open.length;
  }

  has(opener: number): boolean {
    return (this.#counts.get(opener) ?? 0) > 0;
  }

  /** At the end of a line, a text in quotes is over, closed or not. */
  leaveQuotes(): void {
    while (this.#open.at(-1) === code.openQuote) {
      this.#open.pop();
      this.#count(code.openQuote, -1);
    }
  }

  pass(kind: number): void {
    const opening = kind === code.openDirective ? code.openInterpolation : kind;
    if (openKinds.has(opening)) {
      this.#open.push(opening);
      this.#count(opening, 1);
      return;
    }
    const opener = openers.get(kind);
    if (opener === undefined || !this.has(opener)) return;
    for (;;) {
      const closed = this.#open.pop()!;
      this.#count(closed, -1);
      if (closed === opener) return;
    }
  }

  #count(opener: number, change: number): void {
    this.#counts.set(opener, (this.#counts.get(opener) ?? 0) + change);
  }
}
