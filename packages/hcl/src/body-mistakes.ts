import type { Block, BodyContent, BodySchema } from './body.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { type Range, rangeBetween } from './diagnostics/range.ts';
import { suggestName } from './diagnostics/suggestion.ts';

/** An argument that the schema does not have. What is set already is not suggested. */
export function unsupportedArgument(
  name: string,
  subject: Range,
  schema: BodySchema,
  content: BodyContent,
): Diagnostic {
  const free = (schema.attributes ?? []).map((attribute) => attribute.name);
  const suggestion = suggestName(
    name,
    free.filter((candidate) => !content.attributes.has(candidate)),
  );
  const isBlock = schema.blocks?.some(({ type }) => type === name);
  return {
    severity: 'error',
    summary: 'Unsupported argument',
    detail: `There is no argument "${name}" here.${
      isBlock ? ` To write a block "${name}", leave out the equals sign.` : suggested(suggestion)
    }`,
    subject,
    ...(suggestion !== undefined && !isBlock && { suggestion }),
  };
}

/** A block that the schema does not have. */
export function unsupportedBlock(type: string, subject: Range, schema: BodySchema): Diagnostic {
  const suggestion = suggestName(type, schema.blocks?.map((block) => block.type) ?? []);
  const isArgument = schema.attributes?.some(({ name }) => name === type);
  return {
    severity: 'error',
    summary: 'Unsupported block type',
    detail: `There are no blocks "${type}" here.${
      isArgument
        ? ` To set the argument "${type}", write an equals sign after its name.`
        : suggested(suggestion)
    }`,
    subject,
    ...(suggestion !== undefined && !isArgument && { suggestion }),
  };
}

function suggested(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
}

/** What is wrong with the labels of a block, if anything. */
export function headerMistake(block: Block, labels: readonly string[], brace: Range): Diagnostic | undefined {
  const given = block.labels.length;
  if (given === labels.length) return undefined;
  const expected =
    labels.length === 0
      ? `A block "${block.type}" has no labels.`
      : `A block "${block.type}" has ${labels.length === 1 ? 'one label' : `${labels.length} labels`}: ${labels.join(', ')}.`;
  if (given > labels.length) {
    return {
      severity: 'error',
      summary: `Extraneous label for ${block.type}`,
      detail: expected,
      subject: block.labelRanges[labels.length]!,
      context: block.headerRange,
    };
  }
  return {
    severity: 'error',
    summary: `Missing ${labels[given]} for ${block.type}`,
    detail: expected,
    subject: block.headerRange,
    context: rangeBetween(block.headerRange, brace),
  };
}
