/** An expression of ARM templates (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions). */
export type Expression =
  | { readonly kind: 'value'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression };

/** A mistake in an expression, to be said at the place of its text. */
export class ExpressionError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** Whether a text of a template stands for something else. Two brackets in front stand for one. */
export function isExpression(text: string): boolean {
  return text.startsWith('[') && text.endsWith(']') && !text.startsWith('[[');
}

/** A text that is no expression, as it is meant. */
export function unescaped(text: string): string {
  return text.startsWith('[[') ? text.slice(1) : text;
}

/** Deeper ones are a mistake or an attack. */
const depthLimit = 100;

/** @param text with its brackets. @throws ExpressionError */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text.slice(1, -1));
  return parser.whole();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Expression {
    const expression = this.#expression();
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected('the end');
    return expression;
  }

  #expression(): Expression {
    if (++this.#depth > depthLimit) throw new ExpressionError('the expression is nested too deeply');
    let expression = this.#primary();
    for (;;) {
      this.#space();
      if (this.#take('.')) {
        expression = { kind: 'member', of: expression, name: this.#name() };
      } else if (this.#take('[')) {
        expression = { kind: 'index', of: expression, at: this.#expression() };
        this.#expect(']');
      } else {
        this.#depth--;
        return expression;
      }
    }
  }

  #primary(): Expression {
    this.#space();
    const rest = this.#text.slice(this.#at);
    const string = /^'((?:[^']|'')*)'/.exec(rest);
    if (string) {
      this.#at += string[0].length;
      return { kind: 'value', value: string[1]!.replaceAll("''", "'") };
    }
    if (rest.startsWith("'"))
      throw new ExpressionError('a text in the expression has no end', "close it with '");
    const number = /^-?\d+(?:\.\d+)?/.exec(rest);
    if (number) {
      this.#at += number[0].length;
      return { kind: 'value', value: Number(number[0]) };
    }
    let name = this.#name();
    // Functions of the user's own have a namespace in front.
    while (this.#take('.')) name += `.${this.#name()}`;
    this.#expect('(');
    const args: Expression[] = [];
    this.#space();
    if (!this.#take(')')) {
      do args.push(this.#expression());
      while (this.#take(','));
      this.#expect(')');
    }
    return { kind: 'call', name, args };
  }

  #name(): string {
    this.#space();
    const name = /^[A-Za-z_][\w-]*/.exec(this.#text.slice(this.#at))?.[0];
    if (name === undefined) throw this.#unexpected('a name');
    this.#at += name.length;
    return name;
  }

  #take(sign: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw this.#unexpected(`"${sign}"`);
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #unexpected(wanted: string): ExpressionError {
    const found = this.#at < this.#text.length ? `"${this.#text[this.#at]}"` : 'its end';
    return new ExpressionError(
      `the expression has ${found} where ${wanted} is expected`,
      'a text that begins with a bracket and is no expression is written with two: "[[…]"',
    );
  }
}
