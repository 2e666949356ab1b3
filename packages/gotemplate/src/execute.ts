import { builtins, printed } from './builtins.ts';
import { Failure, GoTemplateError, positionAt } from './errors.ts';
import type { BranchStatement, Command, Operand, Pipeline, Statement, Template } from './nodes.ts';
import {
  aType,
  entryOf,
  fromJavaScript,
  type GoComplex,
  type GoFunction,
  type GoValue,
  isGoFunction,
  isMap,
  isTrue,
  type ParameterKind,
  sortedEntries,
} from './values.ts';

export interface ExecuteOptions {
  /** What the dot is at first: usually a record or a Map. Whole numbers count as Go ints. */
  readonly data?: unknown;
  readonly functions?: Readonly<Record<string, GoFunction>>;
  /** What a key that a map lacks gives: `<no value>` (Go's default), or an error. */
  readonly missingKey?: 'default' | 'error';
  /** Longest result and longest single value, in characters. */
  readonly lengthLimit?: number;
  /** Most statements and operands to evaluate, so that no template runs for ever. */
  readonly stepLimit?: number;
}

const callDepthLimit = 100;
/** Stands for "there is no value from the left of a pipe". */
const nothing = Symbol('nothing');

/** Runs a template. @throws GoTemplateError and nothing else, whatever the template and the functions do */
export function execute(template: Template, options: ExecuteOptions = {}): string {
  try {
    return new Execution(template, options).run();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new GoTemplateError(error.message, positionAt(template.source, error.offset), error.cause);
  }
}

type Flow = 'next' | 'break' | 'continue';

class Execution {
  readonly #template: Template;
  readonly #functions: Readonly<Record<string, GoFunction>>;
  readonly #missingIsError: boolean;
  readonly #lengthLimit: number;
  readonly #output: string[] = [];
  #length = 0;
  #steps: number;
  #depth = 0;
  #variables: { name: string; value: GoValue }[];

  constructor(template: Template, options: ExecuteOptions) {
    this.#template = template;
    this.#functions = options.functions ?? {};
    this.#missingIsError = options.missingKey === 'error';
    this.#lengthLimit = options.lengthLimit ?? 16 * 2 ** 20;
    this.#steps = options.stepLimit ?? 1_000_000;
    this.#variables = [{ name: '$', value: fromJavaScript(options.data) }];
  }

  run(): string {
    this.#body(this.#variables[0]!.value, this.#template.body);
    return this.#output.join('');
  }

  #body(dot: GoValue, statements: readonly Statement[]): Flow {
    const scope = this.#variables.length;
    let flow: Flow = 'next';
    for (const statement of statements) {
      flow = this.#statement(dot, statement);
      if (flow !== 'next') break;
    }
    // An action's variables live on in the rest of the body that declared them, and no longer.
    this.#variables.length = scope;
    return flow;
  }

  #statement(dot: GoValue, statement: Statement): Flow {
    this.#step(statement.offset);
    switch (statement.kind) {
      case 'text':
        this.#write(statement.text, statement.offset);
        return 'next';
      case 'action': {
        const value = this.#pipeline(dot, statement.pipeline);
        if (statement.pipeline.variables.length > 0) return 'next';
        this.#write(
          this.#guard(statement.offset, '', () => printed(value)),
          statement.offset,
        );
        return 'next';
      }
      case 'if':
      case 'with':
        return this.#condition(dot, statement);
      case 'range':
        return this.#range(dot, statement);
      case 'template':
        this.#call(dot, statement.name, statement.pipeline, statement.offset);
        return 'next';
      default:
        return statement.kind;
    }
  }

  #condition(dot: GoValue, statement: BranchStatement): Flow {
    const scope = this.#variables.length;
    const value = this.#pipeline(dot, statement.pipeline);
    const inner = statement.kind === 'with' ? value : dot;
    const flow = isTrue(value)
      ? this.#body(inner, statement.body)
      : this.#body(dot, statement.otherwise ?? []);
    this.#variables.length = scope;
    return flow;
  }

  #range(dot: GoValue, statement: BranchStatement): Flow {
    const scope = this.#variables.length;
    const { pipeline } = statement;
    const value = this.#pipeline(dot, pipeline, true);
    const inner = this.#variables.length;
    let any = false;
    for (const [key, item] of this.#items(value, statement.offset)) {
      any = true;
      this.#step(statement.offset);
      this.#setLoopVariables(pipeline, typeof value === 'bigint' ? undefined : key, item);
      const flow = this.#body(item, statement.body);
      this.#variables.length = inner;
      if (flow === 'break') break;
    }
    this.#variables.length = scope;
    return any ? 'next' : this.#body(dot, statement.otherwise ?? []);
  }

  #setLoopVariables(pipeline: Pipeline, key: GoValue, item: GoValue): void {
    const [first, second] = pipeline.variables;
    if (first === undefined) return;
    const values = second === undefined ? [item] : [key ?? item, item];
    pipeline.variables.forEach((name, index) => {
      if (pipeline.assigns) this.#assign(name, values[index], pipeline.offset);
      else this.#variables.push({ name, value: values[index] });
    });
  }

  *#items(value: GoValue, offset: number): Iterable<readonly [GoValue, GoValue]> {
    if (value === undefined || value === null) return;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) yield [BigInt(index), fromJavaScript(item)];
    } else if (typeof value === 'bigint') {
      for (let at = 0n; at < value; at++) yield [at, at];
    } else if (isMap(value)) yield* sortedEntries(value);
    else throw new Failure(`{{range}} cannot go over ${aType(value)}`, offset);
  }

  #call(dot: GoValue, name: string, pipeline: Pipeline | undefined, offset: number): void {
    const body = this.#template.definitions.get(name);
    if (!body) throw new Failure(`the template "${name}" is not defined`, offset);
    if (++this.#depth > callDepthLimit) throw new Failure('templates call each other too deep', offset);
    const value = pipeline ? this.#pipeline(dot, pipeline) : undefined;
    const variables = this.#variables;
    this.#variables = [{ name: '$', value }];
    this.#body(value, body);
    this.#variables = variables;
    this.#depth--;
  }

  #pipeline(dot: GoValue, pipeline: Pipeline, isRange = false): GoValue {
    let value: GoValue = nothing;
    for (const command of pipeline.commands) {
      value = this.#command(dot, command, value);
      if (value === null) value = undefined;
    }
    if (isRange && pipeline.variables.length > 0) return value;
    for (const name of pipeline.variables) {
      if (pipeline.assigns) this.#assign(name, value, pipeline.offset);
      else this.#variables.push({ name, value });
    }
    return value;
  }

  #assign(name: string, value: GoValue, offset: number): void {
    const variable = this.#variables.findLast((one) => one.name === name);
    if (!variable) throw new Failure(`the variable "${name}" has no value yet`, offset);
    variable.value = value;
  }

  #command(dot: GoValue, command: Command, final: GoValue): GoValue {
    const [first, ...rest] = command.operands;
    const operand = first!;
    this.#step(operand.offset);
    if (operand.kind === 'function') return this.#function(dot, operand.name, operand.offset, rest, final);
    if (rest.length > 0 || final !== nothing) {
      throw new Failure(`a ${operand.kind} is no function and takes no arguments`, operand.offset);
    }
    if (operand.kind === 'nil') throw new Failure('nil alone is nothing to print', operand.offset);
    return this.#operand(dot, operand);
  }

  #operand(dot: GoValue, operand: Operand): GoValue {
    this.#step(operand.offset);
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'bool':
      case 'string':
        return operand.value;
      case 'number':
        return this.#constant(operand.value, operand.text, operand.offset);
      case 'field':
        return this.#fields(dot, operand.path, operand.offset);
      case 'variable': {
        const variable = this.#variables.findLast((one) => one.name === operand.name);
        if (!variable) throw new Failure(`the variable "${operand.name}" has no value yet`, operand.offset);
        return this.#fields(variable.value, operand.path, operand.offset);
      }
      case 'chain':
        return this.#fields(this.#operand(dot, operand.of), operand.path, operand.offset);
      case 'pipeline':
        return this.#pipeline(dot, operand.pipeline);
      case 'function':
        return this.#function(dot, operand.name, operand.offset, [], nothing);
    }
  }

  #constant(value: bigint | number | GoComplex, text: string, offset: number): GoValue {
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
      throw new Failure(`${text} does not fit into an integer of 64 bits`, offset);
    }
    return value;
  }

  #fields(start: GoValue, path: readonly string[], offset: number): GoValue {
    let value = start;
    for (const name of path) {
      if (value === undefined) {
        if (this.#missingIsError) throw new Failure(`there is no value for ".${name}"`, offset);
        return undefined;
      }
      if (value === null) throw new Failure(`nil has no field "${name}"`, offset);
      if (!isMap(value)) throw new Failure(`${aType(value)} has no field "${name}"`, offset);
      value = entryOf(value, name);
      if (value === undefined && this.#missingIsError)
        throw new Failure(`there is no value for ".${name}"`, offset);
    }
    return value;
  }

  #function(
    dot: GoValue,
    name: string,
    offset: number,
    operands: readonly Operand[],
    final: GoValue,
  ): GoValue {
    const own = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
    if (!own && (name === 'and' || name === 'or'))
      return this.#shortCircuit(dot, name, offset, operands, final);
    if (!own && name === 'call') return this.#callValue(dot, offset, operands, final);
    const callee = own ?? (Object.hasOwn(builtins, name) ? builtins[name] : undefined);
    if (!callee) throw new Failure(`the function "${name}" does not exist`, offset);
    return this.#apply(dot, name, callee, offset, operands, final);
  }

  #shortCircuit(
    dot: GoValue,
    name: 'and' | 'or',
    offset: number,
    operands: readonly Operand[],
    final: GoValue,
  ): GoValue {
    if (operands.length === 0 && final === nothing) throw new Failure(`"${name}" needs an argument`, offset);
    let value: GoValue;
    for (const operand of operands) {
      value = this.#operand(dot, operand);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return final === nothing ? value : final;
  }

  #callValue(dot: GoValue, offset: number, operands: readonly Operand[], final: GoValue): GoValue {
    const [first, ...rest] = operands;
    const callee = first ? this.#operand(dot, first) : final;
    if (!isGoFunction(callee)) throw new Failure('"call" needs a function', offset);
    return this.#apply(dot, 'call', callee, offset, rest, first ? final : nothing);
  }

  #apply(
    dot: GoValue,
    name: string,
    callee: GoFunction,
    offset: number,
    operands: readonly Operand[],
    final: GoValue,
  ): GoValue {
    const { parameters, rest } = callee;
    const count = operands.length + (final === nothing ? 0 : 1);
    if (count < parameters.length || (count > parameters.length && rest === undefined)) {
      const wanted = `${rest === undefined ? '' : 'at least '}${parameters.length}`;
      throw new Failure(
        `"${name}" takes ${wanted} argument${parameters.length === 1 ? '' : 's'}, not ${count}`,
        offset,
      );
    }
    const kindAt = (index: number): ParameterKind => parameters[index] ?? rest ?? 'any';
    const values = operands.map((operand, index) => {
      const kind = kindAt(index);
      return this.#argument(
        name,
        kind,
        this.#literalFor(kind, operand) ?? this.#operand(dot, operand),
        operand.offset,
      );
    });
    if (final !== nothing) values.push(this.#argument(name, kindAt(values.length), final, offset));
    const result = this.#guard(offset, `"${name}": `, () =>
      fromJavaScript(callee.call(...(values as never[]))),
    );
    if (typeof result === 'string' && result.length > this.#lengthLimit) {
      throw new Failure(`the result of "${name}" is longer than ${this.#lengthLimit} characters`, offset);
    }
    return result;
  }

  /** Constants have no type of their own: `1e3` is an int where an int is wanted. */
  #literalFor(kind: ParameterKind, operand: Operand): bigint | undefined {
    if (kind !== 'int' || operand.kind !== 'number' || typeof operand.value !== 'number') return undefined;
    return Number.isInteger(operand.value) ? BigInt(operand.value) : undefined;
  }

  #argument(name: string, kind: ParameterKind, value: GoValue, offset: number): unknown {
    switch (kind) {
      case 'any':
        return value;
      case 'string':
        if (typeof value === 'string') return value;
        break;
      case 'bool':
        if (typeof value === 'boolean') return value;
        break;
      case 'int':
        if (typeof value === 'bigint') return Number(value);
        break;
    }
    const found = value === undefined || value === null ? 'no value' : `${aType(value)}`;
    throw new Failure(`"${name}" expects ${kind === 'int' ? 'an' : 'a'} ${kind} here, not ${found}`, offset);
  }

  #guard<T>(offset: number, prefix: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Failure) throw error;
      const failure = new Failure(prefix + (error instanceof Error ? error.message : String(error)), offset);
      failure.cause = error;
      throw failure;
    }
  }

  #write(text: string, offset: number): void {
    this.#length += text.length;
    if (this.#length > this.#lengthLimit) {
      throw new Failure(`the result is longer than ${this.#lengthLimit} characters`, offset);
    }
    this.#output.push(text);
  }

  #step(offset: number): void {
    if (--this.#steps < 0) throw new Failure('the template does not come to an end', offset);
  }
}
