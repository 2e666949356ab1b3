import type { AttributeNode, BlockNode, BodyNode, ExpressionNode } from '@kiln/hcl';
import { NativeBody, parseConfig } from '@kiln/hcl';
import type { Diagnostic } from '../../../base/diagnostics.ts';
import { Problems } from '../problems.ts';
import { report } from './diagnostics.ts';

type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export interface HclAsJson {
  /** Undefined when the file has mistakes. */
  readonly value: JsonValue | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Blocks whose labels make a name of their own, so that an object may hold them; of others several may be alike. */
const namedBlocks = new Set(['variable', 'local', 'data', 'source']);

/**
 * A file in HCL2's native syntax in its other syntax, JSON (https://github.com/hashicorp/hcl/blob/main/json/spec.md):
 * what stands in a `.pkr.hcl` as a `.pkr.json` has it. Comments are lost.
 */
export function hclAsJson({ file, text }: { readonly file: string; readonly text: string }): HclAsJson {
  const problems = new Problems();
  const { value: body, diagnostics } = parseConfig(text, file);
  report(problems, diagnostics);
  if (problems.hasErrors || !(body instanceof NativeBody)) {
    return { value: undefined, diagnostics: problems.list() };
  }
  return { value: new JsonWriter(body.source.text).body(body.node), diagnostics: problems.list() };
}

class JsonWriter {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  body({ attributes, blocks }: BodyNode, owner?: BlockNode): { readonly [key: string]: JsonValue } {
    const result: Record<string, JsonValue> = {};
    for (const attribute of attributes) result[attribute.name] = this.#attribute(attribute, owner);
    for (const [type, alike] of Map.groupBy(blocks, (block) => block.type)) {
      result[type] = this.#blocks(type, alike);
    }
    return result;
  }

  #attribute({ name, expression }: AttributeNode, owner: BlockNode | undefined): JsonValue {
    // A type is no value: it is read from the text as it stands.
    if (owner?.type === 'variable' && name === 'type') return this.#source(expression);
    return this.#expression(expression);
  }

  #blocks(type: string, blocks: readonly BlockNode[]): JsonValue {
    const items = blocks.map((block) => this.#block(block));
    if (namedBlocks.has(type)) return items.reduce(merged);
    return items.length === 1 ? items[0]! : items;
  }

  /** Labels are keys around the body. */
  #block(block: BlockNode): JsonValue {
    return block.labels.reduceRight<JsonValue>(
      (inner, label) => ({ [label.value]: inner }),
      this.body(block.body, block),
    );
  }

  #expression(node: ExpressionNode): JsonValue {
    switch (node.kind) {
      case 'literal':
        return this.#literal(node);
      case 'tuple':
        return node.elements.map((element) => this.#expression(element));
      case 'object':
        return Object.fromEntries(
          node.items.map(({ key, value }) => [this.#key(key), this.#expression(value)]),
        );
      case 'template':
        return node.parts.every((part) => part.kind !== 'template-if' && part.kind !== 'template-for')
          ? node.parts.map((part) => this.#part(part)).join('')
          : this.#computed(node);
      case 'unwrapped':
        return this.#computed(node.expression);
      default:
        return this.#computed(node);
    }
  }

  #literal(node: ExpressionNode & { kind: 'literal' }): JsonValue {
    const { value } = node;
    switch (value.kind) {
      case 'string':
        return escaped(value.value);
      case 'bool':
        return value.value;
      case 'null':
        return null;
      default: {
        const text = this.#source(node);
        const isExact = /^\d{1,15}$/.test(text) || String(Number(text)) === text;
        return isExact ? Number(text) : this.#computed(node);
      }
    }
  }

  #part(node: ExpressionNode): string {
    return node.kind === 'literal' && node.value.kind === 'string'
      ? escaped(node.value.value)
      : this.#computed(node);
  }

  #key(node: ExpressionNode): string {
    if (node.kind === 'key' && node.name !== undefined) return node.name;
    if (node.kind === 'literal' && node.value.kind === 'string') return escaped(node.value.value);
    return this.#computed(node.kind === 'parentheses' ? node.expression : node);
  }

  /** What has to be worked out stands in a text as a template of the native syntax. */
  #computed(node: ExpressionNode): string {
    const text = this.#source(node);
    // The mark that ends a text of several lines has a line to itself.
    return `\${${text}${text.includes('<<') ? '\n' : ''}}`;
  }

  #source({ start, end }: ExpressionNode): string {
    return this.#text.slice(start, end);
  }
}

/** Texts in JSON are templates, too. */
function escaped(text: string): string {
  return text.replace(/([$%])\{/g, '$1$1{');
}

function merged(a: JsonValue, b: JsonValue): JsonValue {
  if (!isObject(a) || !isObject(b)) return b;
  const result: Record<string, JsonValue> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    result[key] = Object.hasOwn(a, key) ? merged(a[key]!, value) : value;
  }
  return result;
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
