import type { Attribute, Block, Body, BodyContent, BodySchema, Read } from '../body.ts';
import { headerMistake, unsupportedArgument, unsupportedBlock } from '../body-mistakes.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Range } from '../diagnostics/range.ts';
import type { Source } from '../diagnostics/source.ts';
import type { AttributeNode, BlockNode, BodyNode } from '../syntax/nodes.ts';
import { NativeExpression } from './expression.ts';

const nothing: ReadonlySet<string> = new Set();

/** A body in the native syntax. */
export class NativeBody implements Body {
  readonly source: Source;
  /** Its syntax tree. */
  readonly node: BodyNode;
  /** What an earlier `partialContent` took out. */
  readonly #takenAttributes: ReadonlySet<string>;
  readonly #takenBlocks: ReadonlySet<string>;
  #byName: ReadonlyMap<string, AttributeNode> | undefined;

  constructor(source: Source, node: BodyNode, takenAttributes = nothing, takenBlocks = nothing) {
    this.source = source;
    this.node = node;
    this.#takenAttributes = takenAttributes;
    this.#takenBlocks = takenBlocks;
  }

  get range(): Range {
    return this.source.range(this.node.start, this.node.end);
  }

  get missingItemRange(): Range {
    return this.source.range(this.node.start, this.node.start);
  }

  content(schema: BodySchema): Read<BodyContent> {
    const { value, diagnostics } = this.partialContent(schema);
    const attributes = new Set(schema.attributes?.map(({ name }) => name));
    const blocks = new Set(schema.blocks?.map(({ type }) => type));
    const mistakes: Diagnostic[] = [];
    for (const node of this.#attributes()) {
      if (attributes.has(node.name)) continue;
      mistakes.push(unsupportedArgument(node.name, this.#range(node.start, node.nameEnd), schema, value));
    }
    for (const node of this.#blocks()) {
      if (blocks.has(node.type)) continue;
      mistakes.push(unsupportedBlock(node.type, this.#range(node.start, node.typeEnd), schema));
    }
    return { value, diagnostics: [...diagnostics, ...mistakes] };
  }

  partialContent(schema: BodySchema): Read<BodyContent> & { readonly rest: Body } {
    const diagnostics: Diagnostic[] = [];
    const value: BodyContent = {
      attributes: this.#wantedAttributes(schema, diagnostics),
      blocks: this.#wantedBlocks(schema, diagnostics),
    };
    const takenAttributes = new Set(this.#takenAttributes);
    for (const { name } of schema.attributes ?? []) takenAttributes.add(name);
    const takenBlocks = new Set(this.#takenBlocks);
    for (const { type } of schema.blocks ?? []) takenBlocks.add(type);
    return { value, diagnostics, rest: new NativeBody(this.source, this.node, takenAttributes, takenBlocks) };
  }

  justAttributes(): Read<ReadonlyMap<string, Attribute>> {
    const diagnostics: Diagnostic[] = [];
    const [block] = this.#blocks();
    if (block) {
      diagnostics.push({
        severity: 'error',
        summary: `Unexpected "${block.type}" block`,
        detail: 'Only arguments with values can stand here, no blocks.',
        subject: this.#range(block.start, block.typeEnd),
      });
    }
    return { value: this.#allAttributes(), diagnostics };
  }

  everything(): BodyContent {
    return { attributes: this.#allAttributes(), blocks: this.#blocks().map((node) => this.#block(node)) };
  }

  #range(start: number, end: number): Range {
    return this.source.range(start, end);
  }

  #attributes(): AttributeNode[] {
    return this.node.attributes.filter(({ name }) => !this.#takenAttributes.has(name));
  }

  #attributesByName(): ReadonlyMap<string, AttributeNode> {
    this.#byName ??= new Map(this.node.attributes.map((node) => [node.name, node]));
    return this.#byName;
  }

  #blocks(): BlockNode[] {
    return this.node.blocks.filter(({ type }) => !this.#takenBlocks.has(type));
  }

  #allAttributes(): ReadonlyMap<string, Attribute> {
    return new Map(this.#attributes().map((node) => [node.name, this.#attribute(node)]));
  }

  #wantedAttributes(schema: BodySchema, diagnostics: Diagnostic[]): ReadonlyMap<string, Attribute> {
    const attributes = new Map<string, Attribute>();
    for (const { name, required } of schema.attributes ?? []) {
      const node = this.#takenAttributes.has(name) ? undefined : this.#attributesByName().get(name);
      if (node) {
        attributes.set(name, this.#attribute(node));
      } else if (required) {
        diagnostics.push({
          severity: 'error',
          summary: 'Missing required argument',
          detail: `The argument "${name}" is required here, but it is not set.`,
          subject: this.missingItemRange,
        });
      }
    }
    return attributes;
  }

  #wantedBlocks(schema: BodySchema, diagnostics: Diagnostic[]): Block[] {
    const wanted = new Map(schema.blocks?.map(({ type, labels }) => [type, labels ?? []]));
    const blocks: Block[] = [];
    if (wanted.size === 0) return blocks;
    for (const node of this.#blocks()) {
      const labels = wanted.get(node.type);
      if (!labels) continue;
      const block = this.#block(node);
      const brace = this.#range(node.openBrace, node.openBrace + 1);
      const mistake = headerMistake(block, labels, brace);
      if (mistake) diagnostics.push(mistake);
      else blocks.push(block);
    }
    return blocks;
  }

  #attribute(node: AttributeNode): Attribute {
    return new NativeAttribute(this.source, node);
  }

  #block(node: BlockNode): Block {
    return new NativeBlock(this.source, node);
  }
}

class NativeAttribute implements Attribute {
  readonly name: string;
  readonly expression: NativeExpression;
  readonly #source: Source;
  readonly #node: AttributeNode;

  constructor(source: Source, node: AttributeNode) {
    this.name = node.name;
    this.expression = new NativeExpression(source, node.expression);
    this.#source = source;
    this.#node = node;
  }

  get nameRange(): Range {
    return this.#source.range(this.#node.start, this.#node.nameEnd);
  }

  get range(): Range {
    return this.#source.range(this.#node.start, this.#node.end);
  }
}

class NativeBlock implements Block {
  readonly type: string;
  readonly labels: readonly string[];
  readonly body: NativeBody;
  readonly #source: Source;
  readonly #node: BlockNode;

  constructor(source: Source, node: BlockNode) {
    this.type = node.type;
    this.labels = node.labels.map(({ value }) => value);
    this.body = new NativeBody(source, node.body);
    this.#source = source;
    this.#node = node;
  }

  get headerRange(): Range {
    return this.#source.range(this.#node.start, this.#node.labels.at(-1)?.end ?? this.#node.typeEnd);
  }

  get typeRange(): Range {
    return this.#source.range(this.#node.start, this.#node.typeEnd);
  }

  get labelRanges(): readonly Range[] {
    return this.#node.labels.map(({ start, end }) => this.#source.range(start, end));
  }
}
