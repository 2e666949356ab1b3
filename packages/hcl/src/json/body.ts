import type { Attribute, Block, Body, BodyContent, BodySchema, Read } from '../body.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type Range, rangeText } from '../diagnostics/range.ts';
import type { Source } from '../diagnostics/source.ts';
import { suggestName } from '../diagnostics/suggestion.ts';
import { JsonExpression } from './expression.ts';
import type { JsonNode, JsonProperty } from './nodes.ts';

/** The name of a property that is a comment. */
const commentName = '//';

/** A body in JSON: https://github.com/hashicorp/hcl/blob/main/json/spec.md#structural-elements */
export class JsonBody implements Body {
  readonly #source: Source;
  readonly #node: JsonNode;
  /** What an earlier `partialContent` took out. */
  readonly #taken: ReadonlySet<string>;

  constructor(source: Source, node: JsonNode, taken: ReadonlySet<string> = new Set()) {
    this.#source = source;
    this.#node = node;
    this.#taken = taken;
  }

  get range(): Range {
    return this.#source.range(this.#node.start, this.#node.end);
  }

  get missingItemRange(): Range {
    const { start, end, kind } = this.#node;
    return kind === 'object' ? this.#source.range(end - 1, end) : this.#source.range(start, start + 1);
  }

  content(schema: BodySchema): Read<BodyContent> {
    const { value, diagnostics } = this.partialContent(schema);
    const attributes = schema.attributes?.map(({ name }) => name) ?? [];
    const blocks = schema.blocks?.map(({ type }) => type) ?? [];
    const expected = new Set([...attributes, ...blocks, commentName]);
    // Blocks may come again, arguments may not.
    const free = [...attributes.filter((name) => !value.attributes.has(name)), ...blocks];
    const mistakes: Diagnostic[] = [];
    for (const { name } of this.#properties([])) {
      if (expected.has(name.value)) continue;
      const suggestion = suggestName(name.value, free);
      mistakes.push({
        severity: 'error',
        summary: 'Extraneous JSON object property',
        detail: `There is no argument or block "${name.value}" here.${suggestion ? ` Did you mean "${suggestion}"?` : ''}`,
        subject: this.#range(name),
        ...(suggestion !== undefined && { suggestion }),
      });
    }
    return { value, diagnostics: [...diagnostics, ...mistakes] };
  }

  partialContent(schema: BodySchema): Read<BodyContent> & { readonly rest: Body } {
    const diagnostics: Diagnostic[] = [];
    const attributes = new Map<string, Attribute>();
    const blocks: Block[] = [];
    const attributeNames = new Set(schema.attributes?.map(({ name }) => name));
    const blockLabels = new Map(schema.blocks?.map(({ type, labels }) => [type, labels ?? []]));
    for (const property of this.#properties(diagnostics)) {
      const name = property.name.value;
      const labels = blockLabels.get(name);
      if (attributeNames.has(name)) this.#addAttribute(property, attributes, diagnostics);
      else if (labels) new BlockUnpacker(this.#source, property, labels, blocks, diagnostics).unpack();
    }
    for (const { name, required } of schema.attributes ?? []) {
      if (!required || attributes.has(name)) continue;
      diagnostics.push({
        severity: 'error',
        summary: 'Missing required argument',
        detail: `The argument "${name}" is required here, but it is not set.`,
        subject: this.missingItemRange,
      });
    }
    const taken = new Set([...this.#taken, ...attributeNames, ...blockLabels.keys()]);
    return {
      value: { attributes, blocks },
      diagnostics,
      rest: new JsonBody(this.#source, this.#node, taken),
    };
  }

  justAttributes(): Read<ReadonlyMap<string, Attribute>> {
    const diagnostics: Diagnostic[] = [];
    const attributes = new Map<string, Attribute>();
    if (this.#node.kind !== 'object') {
      if (this.#node.kind !== 'invalid')
        diagnostics.push(
          wrongKind(
            this.#source,
            this.#node,
            'An object is expected here, with the arguments as its properties.',
          ),
        );
      return { value: attributes, diagnostics };
    }
    for (const property of this.#node.properties) {
      const name = property.name.value;
      if (name !== commentName && !this.#taken.has(name))
        this.#addAttribute(property, attributes, diagnostics);
    }
    return { value: attributes, diagnostics };
  }

  everything(): BodyContent {
    const values = new Map<string, { first: JsonProperty; nodes: JsonNode[] }>();
    for (const property of this.#properties([])) {
      if (property.name.value === commentName) continue;
      const entry = values.get(property.name.value);
      if (entry) entry.nodes.push(property.value);
      else values.set(property.name.value, { first: property, nodes: [property.value] });
    }
    const attributes = new Map<string, Attribute>();
    for (const [name, { first, nodes }] of values) {
      const [only] = nodes;
      // A name that comes again is most likely a block; in a list no value is lost.
      const value: JsonNode =
        nodes.length === 1 ? only! : { kind: 'array', start: only!.start, end: only!.end, elements: nodes };
      attributes.set(name, this.#attribute({ name: first.name, value }));
    }
    return { attributes, blocks: [] };
  }

  #range({ start, end }: { readonly start: number; readonly end: number }): Range {
    return this.#source.range(start, end);
  }

  /** All properties that were not taken, of the object or of a list of objects. */
  #properties(diagnostics: Diagnostic[]): JsonProperty[] {
    const all = propertiesOf(
      this.#source,
      this.#node,
      'with arguments and blocks as its properties',
      diagnostics,
    );
    return all.filter(({ name }) => !this.#taken.has(name.value));
  }

  #addAttribute(property: JsonProperty, attributes: Map<string, Attribute>, diagnostics: Diagnostic[]): void {
    const name = property.name.value;
    const first = attributes.get(name);
    if (!first) {
      attributes.set(name, this.#attribute(property));
      return;
    }
    diagnostics.push({
      severity: 'error',
      summary: 'Duplicate argument',
      detail: `The argument "${name}" is set already, at ${rangeText(first.nameRange)}. An argument can be set only once.`,
      subject: this.#range(property.name),
    });
  }

  #attribute({ name, value }: JsonProperty): Attribute {
    const source = this.#source;
    return {
      name: name.value,
      expression: new JsonExpression(source, value),
      get nameRange() {
        return source.range(name.start, name.end);
      },
      get range() {
        return source.range(name.start, value.end);
      },
    };
  }
}

/** Turns a property into blocks: an object or a list of objects for each label, and one for the bodies. */
class BlockUnpacker {
  readonly #source: Source;
  readonly #property: JsonProperty;
  readonly #labels: readonly string[];
  readonly #blocks: Block[];
  readonly #diagnostics: Diagnostic[];

  constructor(
    source: Source,
    property: JsonProperty,
    labels: readonly string[],
    blocks: Block[],
    diagnostics: Diagnostic[],
  ) {
    this.#source = source;
    this.#property = property;
    this.#labels = labels;
    this.#blocks = blocks;
    this.#diagnostics = diagnostics;
  }

  unpack(): void {
    this.#unpack(this.#property.value, []);
  }

  #unpack(node: JsonNode, given: readonly JsonProperty[]): void {
    const label = this.#labels[given.length];
    if (label === undefined) {
      this.#bodies(node, given);
      return;
    }
    const told = this.#diagnostics.length;
    const properties = propertiesOf(
      this.#source,
      node,
      `whose properties are named for the label "${label}"`,
      this.#diagnostics,
    );
    for (const property of properties) this.#unpack(property.value, [...given, property]);
    if (properties.length > 0 || this.#diagnostics.length > told || node.kind === 'invalid') return;
    this.#diagnostics.push({
      severity: 'error',
      summary: 'Missing block label',
      detail: `A property is needed here, named for the label "${label}" of the block "${this.#property.name.value}".`,
      subject: this.#source.range(node.start, node.start + 1),
    });
  }

  #bodies(node: JsonNode, labels: readonly JsonProperty[]): void {
    if (node.kind === 'object') {
      this.#blocks.push(this.#block(node, labels));
    } else if (node.kind === 'array') {
      for (const element of node.elements) this.#blocks.push(this.#block(element, labels));
    } else if (node.kind !== 'null' && node.kind !== 'invalid') {
      const type = this.#property.name.value;
      this.#diagnostics.push(
        wrongKind(
          this.#source,
          node,
          `The content of a block "${type}" is an object, that of several blocks a list of objects.`,
        ),
      );
    }
  }

  #block(node: JsonNode, labels: readonly JsonProperty[]): Block {
    const source = this.#source;
    const { name } = this.#property;
    return {
      type: name.value,
      labels: labels.map((label) => label.name.value),
      body: new JsonBody(source, node),
      get headerRange() {
        return source.range(node.start, node.start + 1);
      },
      get typeRange() {
        return source.range(name.start, name.end);
      },
      get labelRanges() {
        return labels.map((label) => source.range(label.name.start, label.name.end));
      },
    };
  }
}

/** The properties of an object, or of all objects in a list; null has none. */
function propertiesOf(
  source: Source,
  node: JsonNode,
  purpose: string,
  diagnostics: Diagnostic[],
): readonly JsonProperty[] {
  if (node.kind === 'object') return node.properties;
  if (node.kind === 'null' || node.kind === 'invalid') return [];
  if (node.kind !== 'array') {
    diagnostics.push(wrongKind(source, node, `An object or a list of objects is expected here, ${purpose}.`));
    return [];
  }
  return node.elements.flatMap((element) => {
    if (element.kind === 'object') return element.properties;
    if (element.kind !== 'invalid')
      diagnostics.push(wrongKind(source, element, `An object is expected here, ${purpose}.`));
    return [];
  });
}

function wrongKind(source: Source, node: JsonNode, detail: string): Diagnostic {
  const subject = source.range(
    node.start,
    node.kind === 'array' || node.kind === 'object' ? node.start + 1 : node.end,
  );
  return { severity: 'error', summary: 'Incorrect JSON value type', detail, subject };
}
