import { append } from '../append.ts';
import type { Expression, Read, Traversal, TypeWithDefaults } from '../body.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { type Range, rangeText } from '../diagnostics/range.ts';
import { Source } from '../diagnostics/source.ts';
import type { EvalContext } from '../eval/context.ts';
import { NativeExpression } from '../native/expression.ts';
import { parseExpressionSource, parseTemplateSource } from '../syntax/parse.ts';
import { ConversionError, convert } from '../values/convert.ts';
import { dynamicType, stringType } from '../values/type.ts';
import {
  boolValue,
  type Mark,
  nullValue,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
  unknownValue,
  type Value,
  withMarks,
} from '../values/value.ts';
import type { JsonNode, JsonObject, JsonString } from './nodes.ts';
import { sourceOffset } from './string-text.ts';

/**
 * A JSON value as an expression: https://github.com/hashicorp/hcl/blob/main/json/spec.md#expressions Texts are
 * templates of the native syntax when they are evaluated with a context, and fixed texts without one.
 */
export class JsonExpression implements Expression {
  readonly #source: Source;
  readonly #node: JsonNode;
  #template: Read<NativeExpression> | undefined;
  #native: Read<NativeExpression> | undefined;

  constructor(source: Source, node: JsonNode) {
    this.#source = source;
    this.#node = node;
  }

  get range(): Range {
    return this.#source.range(this.#node.start, this.#node.end);
  }

  evaluate(context?: EvalContext): Read<Value> {
    const node = this.#node;
    switch (node.kind) {
      case 'null':
        return known(nullValue(dynamicType));
      case 'bool':
        return known(boolValue(node.value));
      case 'number':
        return known(numberValue(node.value));
      case 'string':
        return this.#evaluateText(node, context);
      case 'array': {
        const diagnostics: Diagnostic[] = [];
        const items = node.elements.map((element) =>
          collected(this.#part(element).evaluate(context), diagnostics),
        );
        return { value: tupleValue(items), diagnostics };
      }
      case 'object':
        return this.#evaluateObject(node, context);
      case 'invalid':
        // Parsing has said what is wrong.
        return known(unknownValue(dynamicType));
    }
  }

  variables(): readonly Traversal[] {
    const node = this.#node;
    if (node.kind === 'array') return node.elements.flatMap((element) => this.#part(element).variables());
    if (node.kind === 'object') {
      return node.properties.flatMap(({ name, value }) => {
        return [...this.#part(name).variables(), ...this.#part(value).variables()];
      });
    }
    if (node.kind !== 'string' || !isTemplate(node.value)) return [];
    const { value, diagnostics } = this.#templateOf(node);
    return hasErrors(diagnostics) ? [] : value.variables();
  }

  asTraversal(): Traversal | undefined {
    return this.#asNative()?.asTraversal();
  }

  asList(): readonly Expression[] | undefined {
    return this.#node.kind === 'array'
      ? this.#node.elements.map((element) => this.#part(element))
      : undefined;
  }

  asMap(): readonly { readonly key: Expression; readonly value: Expression }[] | undefined {
    if (this.#node.kind !== 'object') return undefined;
    return this.#node.properties.map(({ name, value }) => ({
      key: this.#part(name),
      value: this.#part(value),
    }));
  }

  asTemplate(): readonly Expression[] | undefined {
    if (this.#node.kind !== 'string' || !isTemplate(this.#node.value)) return undefined;
    const { value, diagnostics } = this.#templateOf(this.#node);
    return hasErrors(diagnostics) ? undefined : value.asTemplate();
  }

  asCall():
    | { readonly name: string; readonly nameRange: Range; readonly arguments: readonly Expression[] }
    | undefined {
    return this.#asNative()?.asCall();
  }

  asType(): Read<TypeWithDefaults> {
    const node = this.#node;
    if (node.kind === 'string') {
      const { value, diagnostics } = this.#parsed(node);
      return hasErrors(diagnostics) ? noType(diagnostics) : value.asType();
    }
    return noType([
      {
        severity: 'error',
        summary: 'Invalid type specification',
        detail: 'In JSON, a type is written as a text, such as "list(string)".',
        subject: this.range,
      },
    ]);
  }

  asKeyword(): string | undefined {
    return this.#asNative()?.asKeyword();
  }

  #part(node: JsonNode): JsonExpression {
    return new JsonExpression(this.#source, node);
  }

  #evaluateText(node: JsonString, context: EvalContext | undefined): Read<Value> {
    if (!context || !isTemplate(node.value)) return known(stringValue(node.value));
    const { value: template, diagnostics } = this.#templateOf(node);
    if (hasErrors(diagnostics)) return { value: unknownValue(dynamicType), diagnostics };
    return template.evaluate(context);
  }

  #templateOf(node: JsonString): Read<NativeExpression> {
    if (this.#template) return this.#template;
    const source = this.#inner(node);
    const { value, diagnostics } = parseTemplateSource(source);
    this.#template = { value: new NativeExpression(source, value), diagnostics };
    return this.#template;
  }

  /** Read as an expression, not as a template: where no value is wanted but a reference or a type. */
  #asNative(): NativeExpression | undefined {
    if (this.#node.kind !== 'string') return undefined;
    const { value, diagnostics } = this.#parsed(this.#node);
    return hasErrors(diagnostics) ? undefined : value;
  }

  #parsed(node: JsonString): Read<NativeExpression> {
    if (this.#native) return this.#native;
    const source = this.#inner(node);
    const { value, diagnostics } = parseExpressionSource(source);
    this.#native = { value: new NativeExpression(source, value), diagnostics };
    return this.#native;
  }

  /** The text of a string as a source of its own, whose places are those in the file. */
  #inner(node: JsonString): Source {
    const { text, file } = this.#source;
    const quoted = text[node.start] !== undefined && node.end - node.start > node.value.length;
    const [start, end] = quoted ? [node.start + 1, node.end - 1] : [node.start, node.end];
    const offset = (at: number) => sourceOffset(text, start, end, at);
    return new Source(node.value, file, { source: this.#source, offset });
  }

  #evaluateObject(node: JsonObject, context: EvalContext | undefined): Read<Value> {
    const diagnostics: Diagnostic[] = [];
    const entries = new Map<string, Value>();
    const places = new Map<string, JsonString>();
    const marks = new Set<Mark>();
    let complete = true;
    for (const property of node.properties) {
      const name = this.#part(property.name).evaluate(context);
      append(diagnostics, name.diagnostics);
      const value = collected(this.#part(property.value).evaluate(context), diagnostics);
      for (const mark of name.value.marks) marks.add(mark);
      const text = hasErrors(name.diagnostics)
        ? undefined
        : this.#keyText(property.name, name.value, diagnostics);
      if (text === undefined) {
        complete = false;
      } else if (places.has(text)) {
        const first = rangeText(this.#part(places.get(text)!).range);
        this.#tell(
          diagnostics,
          'Duplicate object attribute',
          `There is an attribute "${text}" already, at ${first}.`,
          property.name,
        );
      } else {
        places.set(text, property.name);
        entries.set(text, value);
      }
    }
    return {
      value: withMarks(complete ? objectValue(entries) : unknownValue(dynamicType), marks),
      diagnostics,
    };
  }

  /** Undefined when the key is not known or, which is told, when it is none. */
  #keyText(node: JsonString, key: Value, diagnostics: Diagnostic[]): string | undefined {
    if (key.kind === 'null') {
      this.#tell(diagnostics, 'Invalid object key expression', 'Null cannot be a key.', node);
      return undefined;
    }
    try {
      const text = convert(key, stringType);
      return text.kind === 'string' ? text.value : undefined;
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      this.#tell(
        diagnostics,
        'Invalid object key expression',
        `This value cannot be a key: ${error.message}.`,
        node,
      );
      return undefined;
    }
  }

  #tell(diagnostics: Diagnostic[], summary: string, detail: string, node: JsonNode): void {
    diagnostics.push({
      severity: 'error',
      summary,
      detail,
      subject: this.#source.range(node.start, node.end),
    });
  }
}

function known(value: Value): Read<Value> {
  return { value, diagnostics: [] };
}

function collected({ value, diagnostics }: Read<Value>, into: Diagnostic[]): Value {
  append(into, diagnostics);
  return value;
}

function isTemplate(text: string): boolean {
  return text.includes('${') || text.includes('%{');
}

function noType(diagnostics: readonly Diagnostic[]): Read<TypeWithDefaults> {
  return { value: { type: dynamicType, applyDefaults: (value) => value }, diagnostics };
}
