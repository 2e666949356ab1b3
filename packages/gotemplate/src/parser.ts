import { Failure, positionAt, type TemplateDiagnostic } from './errors.ts';
import { tokenize } from './lexer.ts';
import type { BranchStatement, Command, Operand, Pipeline, Statement, Template } from './nodes.ts';
import { parseNumber } from './numbers.ts';
import { unquoteRune } from './quoting.ts';
import type { Token, TokenKind } from './token.ts';

export type ParseResult =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly diagnostics: readonly TemplateDiagnostic[] };

export interface ParseOptions {
  /** Functions that may be called beside the built-in ones. When given, any other is a mistake. */
  readonly functions?: Iterable<string>;
  /** Deepest nesting of blocks and parentheses. */
  readonly depthLimit?: number;
}

export const builtinNames: readonly string[] = [
  'and',
  'call',
  'eq',
  'ge',
  'gt',
  'html',
  'index',
  'js',
  'le',
  'len',
  'lt',
  'ne',
  'not',
  'or',
  'print',
  'printf',
  'println',
  'slice',
  'urlquery',
];

/** Reads a template in Go's text/template language (https://pkg.go.dev/text/template). Never throws. */
export function parse(source: string, options: ParseOptions = {}): ParseResult {
  try {
    return { ok: true, template: new Parser(source, options).run() };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ok: false, diagnostics: [{ message: error.message, ...positionAt(source, error.offset) }] };
  }
}

interface Block {
  readonly statements: Statement[];
  /** What ended it: `end`, or an `else` with what follows it. */
  readonly ending: { readonly word: 'end' | 'else'; readonly offset: number };
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  readonly #functions: ReadonlySet<string> | undefined;
  readonly #depthLimit: number;
  readonly #definitions = new Map<string, readonly Statement[]>();
  #at = 0;
  #depth = 0;
  #ranges = 0;
  #variables: string[] = ['$'];

  constructor(source: string, options: ParseOptions) {
    this.#source = source;
    this.#tokens = tokenize(source);
    this.#depthLimit = options.depthLimit ?? 100;
    this.#functions = options.functions && new Set([...builtinNames, ...options.functions]);
  }

  run(): Template {
    const body = this.#statements(true).statements;
    return { source: this.#source, body, definitions: this.#definitions };
  }

  #statements(top: boolean): Block {
    const statements: Statement[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'end-of-source') {
        if (!top) throw new Failure('the template ends inside a block: "{{end}}" is missing', token.offset);
        return { statements, ending: { word: 'end', offset: token.offset } };
      }
      if (token.kind === 'text') {
        statements.push(token);
        continue;
      }
      const word = this.#peekWord();
      if (word === 'end' || word === 'else') {
        const offset = this.#takeSolid().offset;
        if (top) throw new Failure(`this {{${word}}} belongs to no block`, offset);
        return { statements, ending: { word, offset } };
      }
      statements.push(...this.#statement(word, top));
    }
  }

  #statement(word: string | undefined, top: boolean): Statement[] {
    const { offset } = this.#peekSolid();
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        this.#takeSolid();
        return [this.#branch(word, offset)];
      case 'define':
        if (!top) throw new Failure('{{define}} is allowed only outside of other blocks', offset);
        this.#takeSolid();
        this.#define();
        return [];
      case 'block':
        this.#takeSolid();
        return [this.#block(offset)];
      case 'template':
        this.#takeSolid();
        return [this.#call(offset)];
      case 'break':
      case 'continue':
        this.#takeSolid();
        if (this.#ranges === 0) throw new Failure(`{{${word}}} is allowed only in a {{range}}`, offset);
        this.#close(`{{${word}}}`);
        return [{ kind: word, offset }];
      default: {
        const pipeline = this.#pipeline('close', 'an action', false);
        return [{ kind: 'action', offset, pipeline }];
      }
    }
  }

  #branch(kind: BranchStatement['kind'], offset: number): BranchStatement {
    this.#enter(offset);
    const scope = this.#variables.length;
    const pipeline = this.#pipeline('close', `{{${kind}}}`, kind === 'range');
    if (kind === 'range') this.#ranges++;
    const block = this.#statements(false);
    if (kind === 'range') this.#ranges--;
    const otherwise = block.ending.word === 'else' ? this.#otherwise(kind) : undefined;
    if (block.ending.word === 'end') this.#close('{{end}}');
    this.#variables.length = scope;
    this.#depth--;
    return { kind, offset, pipeline, body: block.statements, ...(otherwise && { otherwise }) };
  }

  #otherwise(kind: BranchStatement['kind']): readonly Statement[] {
    const word = this.#peekWord();
    if (word !== undefined && word === kind && kind !== 'range') {
      // The inner block takes the {{end}} of the outer one along.
      const { offset } = this.#takeSolid();
      return [this.#branch(kind, offset)];
    }
    this.#close('{{else}}');
    const block = this.#statements(false);
    if (block.ending.word === 'else') throw new Failure('a block has only one {{else}}', block.ending.offset);
    this.#close('{{end}}');
    return block.statements;
  }

  #define(): void {
    const name = this.#name('{{define}}');
    this.#close('{{define}}');
    this.#definition(name);
  }

  #block(offset: number): Statement {
    const name = this.#name('{{block}}');
    const pipeline = this.#pipeline('close', '{{block}}', false);
    this.#definition(name);
    return { kind: 'template', offset, name, pipeline };
  }

  #definition(name: string): void {
    this.#enter(this.#peekSolid().offset);
    const variables = this.#variables;
    const ranges = this.#ranges;
    this.#variables = ['$'];
    this.#ranges = 0;
    const block = this.#statements(false);
    if (block.ending.word === 'else') throw new Failure('{{else}} is not allowed here', block.ending.offset);
    this.#close('{{end}}');
    this.#variables = variables;
    this.#ranges = ranges;
    this.#depth--;
    // An empty definition does not replace a full one.
    const isEmpty = block.statements.every((one) => one.kind === 'text' && one.text.trim() === '');
    if (!isEmpty || !this.#definitions.has(name)) this.#definitions.set(name, block.statements);
  }

  #call(offset: number): Statement {
    const name = this.#name('{{template}}');
    if (this.#peekSolid().kind === 'close') {
      this.#takeSolid();
      return { kind: 'template', offset, name };
    }
    return { kind: 'template', offset, name, pipeline: this.#pipeline('close', '{{template}}', false) };
  }

  #pipeline(end: 'close' | 'right-paren', context: string, isRange: boolean): Pipeline {
    const { offset } = this.#peekSolid();
    const { variables, assigns } = this.#declarations(isRange);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#peekSolid();
      if (token.kind === end) {
        this.#takeSolid();
        break;
      }
      commands.push(this.#command(end));
    }
    if (commands.length === 0)
      throw new Failure(`a value is missing in ${context}`, this.#tokens[this.#at - 1]!.offset);
    for (const command of commands.slice(1)) {
      if (['bool', 'dot', 'nil', 'number', 'string'].includes(command.operands[0]!.kind)) {
        throw new Failure('only a function or a method can follow "|"', command.offset);
      }
    }
    return { offset, variables, assigns, commands };
  }

  #declarations(isRange: boolean): { variables: readonly string[]; assigns: boolean } {
    const start = this.#at;
    const variables: string[] = [];
    for (;;) {
      const token = this.#takeSolid();
      if (token.kind !== 'variable') break;
      variables.push(token.text);
      const next = this.#takeSolid();
      if (next.kind === 'comma' && isRange && variables.length < 2) continue;
      if (next.kind === 'comma') throw new Failure('too many variables are declared', next.offset);
      if (next.kind !== 'declare' && next.kind !== 'assign') break;
      if (next.kind === 'assign') for (const name of variables) this.#mustExist(name, token.offset);
      else this.#variables.push(...variables);
      return { variables, assigns: next.kind === 'assign' };
    }
    this.#at = start;
    return { variables: [], assigns: false };
  }

  #command(end: 'close' | 'right-paren'): Command {
    const { offset } = this.#peekSolid();
    const operands: Operand[] = [];
    for (;;) {
      const operand = this.#operand();
      if (operand) operands.push(operand);
      const token = this.#take();
      if (token.kind === 'space') continue;
      if (token.kind === end) this.#at--;
      else if (token.kind !== 'pipe') throw this.#unexpected(token);
      if (operands.length === 0) throw new Failure('a command is missing', token.offset);
      return { offset, operands };
    }
  }

  #operand(): Operand | undefined {
    const term = this.#term();
    if (!term || this.#tokens[this.#at]!.kind !== 'field') return term;
    const { offset } = this.#tokens[this.#at]!;
    const path: string[] = [];
    for (let token = this.#tokens[this.#at]!; token.kind === 'field'; token = this.#tokens[this.#at]!) {
      path.push(token.text);
      this.#at++;
    }
    switch (term.kind) {
      case 'field':
      case 'variable':
        return { ...term, path: [...term.path, ...path] };
      case 'function':
      case 'pipeline':
        return { kind: 'chain', offset: term.offset, of: term, path };
      default:
        throw new Failure(`".${path[0]}" cannot follow a ${term.kind}`, offset);
    }
  }

  #term(): Operand | undefined {
    const token = this.#tokens[this.#at]!;
    const { offset } = token;
    this.#at++;
    switch (token.kind) {
      case 'identifier':
        if (this.#functions && !this.#functions.has(token.text)) {
          throw new Failure(`the function "${token.text}" does not exist`, offset);
        }
        return { kind: 'function', offset, name: token.text };
      case 'dot':
        return { kind: 'dot', offset };
      case 'field':
        return { kind: 'field', offset, path: [token.text] };
      case 'variable':
        this.#mustExist(token.text, offset);
        return { kind: 'variable', offset, name: token.text, path: [] };
      case 'string':
        return { kind: 'string', offset, value: token.text };
      case 'rune':
        return { kind: 'number', offset, value: BigInt(unquoteRune(token.text)!), text: token.text };
      case 'number': {
        const value = parseNumber(token.text);
        if (value === undefined) throw new Failure(`"${token.text}" is not a number`, offset);
        return { kind: 'number', offset, value, text: token.text };
      }
      case 'keyword':
        if (token.text === 'nil') return { kind: 'nil', offset };
        if (token.text === 'true' || token.text === 'false') {
          return { kind: 'bool', offset, value: token.text === 'true' };
        }
        throw this.#unexpected(token);
      case 'left-paren': {
        this.#enter(offset);
        const pipeline = this.#pipeline('right-paren', 'parentheses', false);
        this.#depth--;
        return { kind: 'pipeline', offset, pipeline };
      }
      default:
        this.#at--;
        return undefined;
    }
  }

  #name(context: string): string {
    const token = this.#takeSolid();
    if (token.kind !== 'string') throw new Failure(`${context} needs a name in quotes`, token.offset);
    return token.text;
  }

  #close(context: string): void {
    const token = this.#takeSolid();
    if (token.kind !== 'close') throw new Failure(`nothing more is allowed in ${context}`, token.offset);
  }

  #enter(offset: number): void {
    if (++this.#depth > this.#depthLimit) {
      throw new Failure(`blocks and parentheses are nested more than ${this.#depthLimit} deep`, offset);
    }
  }

  #mustExist(name: string, offset: number): void {
    if (!this.#variables.includes(name)) throw new Failure(`the variable "${name}" is not declared`, offset);
  }

  #unexpected(token: Token): Failure {
    const shown: Partial<Record<TokenKind, string>> = {
      close: '}}',
      declare: ':=',
      assign: '=',
      comma: ',',
      'right-paren': ')',
      'left-paren': '(',
      pipe: '|',
      dot: '.',
    };
    const text = 'text' in token ? token.text : (shown[token.kind] ?? token.kind);
    return new Failure(`"${text}" is not expected here`, token.offset);
  }

  #take(): Token {
    return this.#tokens[this.#at++]!;
  }

  #takeSolid(): Token {
    while (this.#tokens[this.#at]!.kind === 'space') this.#at++;
    return this.#take();
  }

  #peekSolid(): Token {
    let at = this.#at;
    while (this.#tokens[at]!.kind === 'space') at++;
    return this.#tokens[at]!;
  }

  #peekWord(): string | undefined {
    const token = this.#peekSolid();
    return token.kind === 'keyword' ? token.text : undefined;
  }
}
