import type { Attribute, Body, BodyContent, BodySchema, Expression, Read } from '../body.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Range } from '../diagnostics/range.ts';
import { dynamicType } from '../values/type.ts';
import { type Mark, unknownValue, withMarks } from '../values/value.ts';

/** Stands for any number of bodies that a dynamic block will make of the same content: nothing in it is known. */
export class UnknownBody implements Body {
  readonly unknown = true;
  readonly #template: Body;
  readonly #marks: ReadonlySet<Mark>;

  constructor(template: Body, marks: ReadonlySet<Mark>) {
    this.#template = template;
    this.#marks = marks;
  }

  get range(): Range {
    return this.#template.range;
  }

  get missingItemRange(): Range {
    return this.#template.missingItemRange;
  }

  content(schema: BodySchema): Read<BodyContent> {
    const { value, diagnostics } = this.#template.content(schema);
    return { value: this.#unknown(value), diagnostics };
  }

  partialContent(schema: BodySchema): Read<BodyContent> & { readonly rest: Body } {
    const { value, diagnostics, rest } = this.#template.partialContent(schema);
    return { value: this.#unknown(value), diagnostics, rest: new UnknownBody(rest, this.#marks) };
  }

  justAttributes(): Read<ReadonlyMap<string, Attribute>> {
    const { value, diagnostics } = this.#template.justAttributes();
    return { value: this.#attributes(value), diagnostics };
  }

  everything(diagnostics?: Diagnostic[]): BodyContent {
    return this.#unknown(this.#template.everything(diagnostics));
  }

  #unknown(content: BodyContent): BodyContent {
    const blocks = content.blocks.map((block) => ({
      ...headerOf(block),
      body: new UnknownBody(block.body, this.#marks),
    }));
    return { attributes: this.#attributes(content.attributes), blocks };
  }

  #attributes(attributes: ReadonlyMap<string, Attribute>): ReadonlyMap<string, Attribute> {
    return new Map(
      [...attributes].map(([name, { nameRange, range, expression }]) => {
        return [
          name,
          { name, nameRange, range, expression: unknownExpression(expression, this.#marks) },
        ] as const;
      }),
    );
  }
}

/** All of a block but its body. Blocks may have getters, which spreading would lose. */
export function headerOf(block: BodyContent['blocks'][number]): Omit<BodyContent['blocks'][number], 'body'> {
  const { type, labels, headerRange, typeRange, labelRanges } = block;
  return { type, labels, headerRange, typeRange, labelRanges };
}

function unknownExpression(expression: Expression, marks: ReadonlySet<Mark>): Expression {
  const value = withMarks(unknownValue(dynamicType), marks);
  return {
    range: expression.range,
    evaluate: () => ({ value, diagnostics: [] }),
    variables: () => [],
    asTraversal: () => undefined,
    asList: () => undefined,
    asMap: () => undefined,
    asTemplate: () => undefined,
    asCall: () => undefined,
    asType: () => expression.asType(),
    asKeyword: () => undefined,
  };
}
