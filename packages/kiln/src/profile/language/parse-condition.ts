import { nearest } from '../../base/suggest.ts';
import type { Problems } from '../../base/yaml/problems.ts';
import type { PlacedText } from '../../base/yaml/shape.ts';
import type { ComparisonOperator, Condition, FactValue } from '../../plan/profile.ts';
import { always, join, negate, never } from '../conditions.ts';
import { factDefinitions, factNames } from '../facts.ts';
import {
  aliases,
  alone,
  ConditionMistake,
  type ConditionScope,
  checkIsText,
  checkOperator,
  compare,
  type Subject,
  typed,
} from './condition-subjects.ts';
import { type Token, tokensOf } from './condition-tokens.ts';

/** Deepest nesting of parentheses and `not`. */
const deepest = 50;

/**
 * Reads a condition such as `os.release >= 12 and not container`. Undefined when it is wrong, which is reported with
 * its place.
 *
 *     condition  = all { "or" all }
 *     all        = one { "and" one }
 *     one        = "not" one | "(" condition ")" | name [ operator value ]
 *     operator   = "==" | "!=" | "<" | "<=" | ">" | ">=" | [ "not" ] "in" | "matches"
 *     value      = word | number | text | "${parameter}" | "[" value { "," value } "]"
 */
export function parseCondition(
  written: PlacedText,
  scope: ConditionScope,
  problems: Problems,
): Condition | undefined {
  const tokens = tokensOf(written.text);
  try {
    if (!('length' in tokens)) throw new ConditionMistake(tokens.index, tokens.message, tokens.hint);
    return new ConditionParser(tokens, scope).parse();
  } catch (error) {
    if (!(error instanceof ConditionMistake)) throw error;
    if (error.message !== '') problems.error(written.at(error.index), `when: ${error.message}`, error.hint);
    return undefined;
  }
}

const symbols: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '!': 'not' };
const comparisons: readonly string[] = ['==', '!=', '<', '<=', '>', '>='];

class ConditionParser {
  readonly #tokens: readonly Token[];
  readonly #scope: ConditionScope;
  #position = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], scope: ConditionScope) {
    this.#tokens = tokens;
    this.#scope = scope;
  }

  parse(): Condition {
    const condition = this.#or();
    const rest = this.#next;
    if (rest.kind === 'end') return condition;
    throw new ConditionMistake(
      rest.index,
      `"${rest.value}" is not expected here`,
      rest.value === '='
        ? 'equality is written =='
        : 'connect conditions with "and" or "or", and put quotes around a text with spaces',
    );
  }

  get #next(): Token {
    return this.#tokens[this.#position]!;
  }

  #take(): Token {
    const token = this.#next;
    if (token.kind !== 'end') this.#position++;
    return token;
  }

  /** Takes a word of the language, in letters or as a symbol. */
  #accept(word: string): boolean {
    const { kind, value } = this.#next;
    const isWord = (kind === 'word' && value === word) || (kind === 'operator' && symbols[value] === word);
    if (isWord) this.#position++;
    return isWord;
  }

  #acceptBracket(bracket: string): boolean {
    const isIt = this.#next.kind === 'bracket' && this.#next.value === bracket;
    if (isIt) this.#position++;
    return isIt;
  }

  #or(): Condition {
    const parts = [this.#and()];
    while (this.#accept('or')) parts.push(this.#and());
    return join('or', parts);
  }

  #and(): Condition {
    const parts = [this.#one()];
    while (this.#accept('and')) parts.push(this.#one());
    return join('and', parts);
  }

  #one(): Condition {
    if (++this.#depth > deepest) {
      throw new ConditionMistake(
        this.#next.index,
        'the condition is nested too deeply',
        'split it, or say it more simply',
      );
    }
    try {
      if (this.#accept('not')) return negate(this.#one());
      if (!this.#acceptBracket('(')) return this.#comparison();
      const inner = this.#or();
      if (this.#acceptBracket(')')) return inner;
      throw new ConditionMistake(this.#next.index, 'a ")" is missing here', 'close what "(" has opened');
    } finally {
      this.#depth--;
    }
  }

  #comparison(): Condition {
    const token = this.#take();
    if (token.kind === 'word' && (token.value === 'true' || token.value === 'false')) {
      return token.value === 'true' ? always : never;
    }
    const subject = this.#subject(token);
    const isNot = this.#next.value === 'not' && this.#tokens[this.#position + 1]?.value === 'in';
    if (isNot) this.#position++;
    if (this.#accept('in')) {
      const result = compare(subject, 'in', this.#list(subject));
      return isNot ? negate(result) : result;
    }
    if (this.#accept('matches')) return compare(subject, 'matches', this.#pattern(subject));
    const { kind, value, index } = this.#next;
    if (kind === 'operator' && comparisons.includes(value)) {
      this.#position++;
      const operator = value as ComparisonOperator;
      checkOperator(subject, operator, index);
      return compare(subject, operator, this.#value(subject));
    }
    if (kind === 'operator' && (value === '=' || value === '=~')) {
      throw new ConditionMistake(
        index,
        `"${value}" is no comparison`,
        value === '=' ? 'write == for equality' : 'write matches, with * for any letters',
      );
    }
    if (kind === 'word' && (value === 'is' || value === 'contains')) {
      throw new ConditionMistake(
        index,
        `"${value}" is no comparison`,
        'write ==, !=, <, <=, >, >=, in or matches',
      );
    }
    return alone(subject);
  }

  #subject(token: Token): Subject {
    const { kind, value: name, index } = token;
    if (kind !== 'word' && kind !== 'reference') {
      throw new ConditionMistake(
        index,
        kind === 'end'
          ? 'the condition ends here, and something is missing'
          : `"${name}" is no name of a fact`,
        `begin with a fact: ${factNames.join(', ')}`,
      );
    }
    const value = this.#scope.parameterValues.get(name);
    if (value !== undefined) return { kind: 'parameter', name, value, token };
    if (this.#scope.unsetParameters.has(name)) throw new ConditionMistake(index, '', '');
    const definition = Object.hasOwn(factDefinitions, name) ? factDefinitions[name] : undefined;
    if (kind === 'word' && definition) return { kind: 'fact', name, definition, token };
    const parameters = [...this.#scope.parameterValues.keys()];
    const guess =
      aliases[name] ?? nearest(name, kind === 'word' ? [...factNames, ...parameters] : parameters);
    throw new ConditionMistake(
      index,
      kind === 'word' ? `there is no fact or parameter "${name}"` : `there is no parameter "${name}"`,
      guess === undefined ? `the facts are ${factNames.join(', ')}` : `did you mean ${guess}?`,
    );
  }

  #list(subject: Subject): readonly string[] {
    const start = this.#next;
    if (start.kind === 'reference') {
      const value = this.#scope.parameterValues.get(start.value);
      if (Array.isArray(value)) {
        this.#position++;
        return value as readonly string[];
      }
    }
    if (!this.#acceptBracket('[')) {
      throw new ConditionMistake(
        start.index,
        '"in" needs a list behind it',
        'write it in brackets: in [bookworm, trixie]',
      );
    }
    const values: string[] = [];
    while (!this.#acceptBracket(']')) {
      values.push(String(this.#value(subject)));
      if (this.#acceptBracket(',') || (this.#next.kind === 'bracket' && this.#next.value === ']')) continue;
      throw new ConditionMistake(
        this.#next.index,
        'a "]" is missing here',
        'put commas between values, and ] at the end',
      );
    }
    return values;
  }

  #pattern(subject: Subject): string {
    checkIsText(subject);
    const token = this.#take();
    if (token.kind === 'text' || token.kind === 'word') return token.value;
    throw new ConditionMistake(
      token.index,
      '"matches" needs a pattern behind it',
      'write it in quotes: matches "web-*"',
    );
  }

  #value(subject: Subject): FactValue {
    const token = this.#take();
    if (token.kind === 'reference') {
      const value = this.#scope.parameterValues.get(token.value);
      if (value !== undefined && !Array.isArray(value)) return typed(subject, String(value), token);
      if (this.#scope.unsetParameters.has(token.value)) throw new ConditionMistake(token.index, '', '');
      throw new ConditionMistake(
        token.index,
        value === undefined
          ? `there is no parameter "${token.value}"`
          : `the parameter "${token.value}" is a list`,
        value === undefined ? 'declare it under "parameters:"' : 'write "in" before a list',
      );
    }
    if (token.kind !== 'word' && token.kind !== 'number' && token.kind !== 'text') {
      throw new ConditionMistake(
        token.index,
        token.kind === 'end'
          ? 'the condition ends here, and a value is missing'
          : `"${token.value}" is no value`,
        `compare with something such as ${subject.kind === 'fact' ? String(subject.definition.example) : 'a word'}`,
      );
    }
    return typed(subject, token.value, token);
  }
}
