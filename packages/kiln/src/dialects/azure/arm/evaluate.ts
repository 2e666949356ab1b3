import type { SourceLocation } from '../../../base/errors.ts';
import type { JsonNode } from '../../../base/json/json-node.ts';
import { didYouMean } from '../../../base/suggest.ts';
import type { JsonPath } from '../model/fault.ts';
import { type Expression, ExpressionError, isExpression, parseExpression, unescaped } from './expression.ts';
import { armFunctions, type Deployment } from './functions.ts';

/** What expressions refer to. */
export interface Scope {
  readonly deployment: Deployment;
  /** @throws ExpressionError for one that there is not */
  readonly parameter: (name: string) => unknown;
  readonly variable: (name: string) => unknown;
}

/** Values of nodes, and where their parts stand. */
export class Places {
  readonly #places = new Map<string, SourceLocation>();

  set(path: JsonPath, at: SourceLocation): void {
    this.#places.set(JSON.stringify(path), at);
  }

  /** The place of a part, or of the smallest whole around it that stands in the file. */
  of(path: JsonPath): SourceLocation | undefined {
    for (let length = path.length; length >= 0; length--) {
      const found = this.#places.get(JSON.stringify(path.slice(0, length)));
      if (found) return found;
    }
    return undefined;
  }
}

export interface Evaluation {
  /** Undefined where texts are taken as they are. */
  readonly scope: Scope | undefined;
  readonly places: Places;
  readonly error: (at: SourceLocation, message: string, hint?: string) => void;
}

/** A node as a value of JSON, with expressions filled in. What is wrong is said, and left out. */
export function evaluateNode(node: JsonNode, evaluation: Evaluation, path: JsonPath = []): unknown {
  const { places, scope } = evaluation;
  places.set(path, node.at);
  switch (node.kind) {
    case 'null':
      return null;
    case 'string':
      return scope ? evaluateText(node.value, node.at, scope, evaluation) : node.value;
    case 'list':
      return node.items.map((item, index) => evaluateNode(item, evaluation, [...path, index]));
    case 'map': {
      const entries = node.entries.flatMap(({ key, keyAt, value }): [string, unknown][] => {
        const name = scope ? evaluateText(key, keyAt, scope, evaluation) : key;
        if (typeof name !== 'string') {
          if (name !== undefined) evaluation.error(keyAt, 'the expression of a name gives no text');
          return [];
        }
        const inner = [...path, name];
        const result = evaluateNode(value, evaluation, inner);
        // A mistake about a member is about its name as often as about its value.
        places.set(inner, keyAt);
        return [[name, result]];
      });
      return Object.fromEntries(entries);
    }
    default:
      return node.value;
  }
}

function evaluateText(text: string, at: SourceLocation, scope: Scope, { error }: Evaluation): unknown {
  if (!isExpression(text)) return unescaped(text);
  try {
    return evaluate(parseExpression(text), scope);
  } catch (fault) {
    if (!(fault instanceof ExpressionError)) throw fault;
    error(at, fault.message, fault.hint);
    return undefined;
  }
}

/** @throws ExpressionError */
export function evaluate(expression: Expression, scope: Scope): unknown {
  switch (expression.kind) {
    case 'value':
      return expression.value;
    case 'member':
      return memberOf(evaluate(expression.of, scope), expression.name);
    case 'index': {
      const at = evaluate(expression.at, scope);
      const whole = evaluate(expression.of, scope);
      if (Array.isArray(whole) && typeof at === 'number') {
        if (at in whole) return whole[at] as unknown;
        throw new ExpressionError(`a list of ${whole.length} has no [${at}]`);
      }
      return memberOf(whole, String(at));
    }
    case 'call':
      return call(expression.name, expression.args, scope);
  }
}

const largest = 131_072;

function memberOf(whole: unknown, name: string): unknown {
  if (typeof whole !== 'object' || whole === null) {
    throw new ExpressionError(`".${name}" is asked of something that is no object`);
  }
  const key = Object.keys(whole).find((one) => one.toLowerCase() === name.toLowerCase());
  if (key === undefined) {
    throw new ExpressionError(`there is no ".${name}" in that object`, didYouMean(name, Object.keys(whole)));
  }
  return (whole as Record<string, unknown>)[key];
}

function call(name: string, args: readonly Expression[], scope: Scope): unknown {
  const key = name.toLowerCase();
  if (key === 'parameters' || key === 'variables') {
    const [first] = args.map((one) => evaluate(one, scope));
    if (typeof first !== 'string') throw new ExpressionError(`${name}() needs a name`);
    return key === 'parameters' ? scope.parameter(first) : scope.variable(first);
  }
  if (key === 'if') {
    const [condition, yes, no] = args;
    if (!condition || !yes || !no) throw new ExpressionError('if() needs three arguments');
    return evaluate(evaluate(condition, scope) === true ? yes : no, scope);
  }
  const found = Object.hasOwn(armFunctions, key) ? armFunctions[key] : undefined;
  if (!found) {
    throw new ExpressionError(
      `Kiln does not know the function ${name}()`,
      /^(?:reference|list\w*)$/.test(key)
        ? 'it asks Azure for something that is deployed; make it a parameter, and give its value with --var'
        : (didYouMean(key, Object.keys(armFunctions)) ??
            'make it a parameter, and give its value with --var'),
    );
  }
  const result = found(
    args.map((one) => evaluate(one, scope)),
    scope.deployment,
  );
  // Variables that double each other would fill the memory.
  if ((typeof result === 'string' || Array.isArray(result)) && result.length > largest) {
    throw new ExpressionError(`${name}() gives more than ${largest} letters or members`);
  }
  return result;
}
