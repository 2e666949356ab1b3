import type { SourceLocation } from '../../base/errors.ts';
import type { Output } from '../../plan/output.ts';
import type { ComponentContext } from './component-context.ts';
import { Options } from './options.ts';
import { postProcessorReader, unknownPostProcessor } from './post-processors/post-processor.ts';
import type { MapNode } from './value-node.ts';

/** A post-processor of a template, as one build has it. */
export interface PostProcessorPart {
  readonly type: string;
  readonly typeAt: SourceLocation;
  /** Its own name, or its type. */
  readonly name: string;
  readonly map: MapNode;
  readonly at: SourceLocation;
}

const metaNames = ['type', 'name', 'only', 'except'];

/** A chain up to the first post-processor that the command line leaves out. */
export function cutChain<T extends { readonly name: string }>(
  chain: readonly T[],
  isLeftOut: (name: string) => boolean,
): readonly T[] {
  const cut = chain.findIndex(({ name }) => isLeftOut(name));
  return cut < 0 ? chain : chain.slice(0, cut);
}

/** A post-processor as an output. Undefined after a mistake that was reported. */
export function compileOutput(part: PostProcessorPart, context: ComponentContext): Output | undefined {
  const { type, typeAt, name, map, at } = part;
  const reader = postProcessorReader(type);
  if (!reader) {
    const { message, hint } = unknownPostProcessor(type);
    context.problems.error(typeAt, message, hint);
    return undefined;
  }
  const options = new Options(`the ${type} post-processor`, [map], context);
  options.skip(...metaNames);
  const keepInput = options.has('keep_input_artifact') ? options.boolean('keep_input_artifact') : undefined;
  const output = reader(options);
  if (!output) return undefined;
  return {
    ...output,
    ...(name !== type && { name }),
    ...(keepInput !== undefined && { keepInput }),
    at,
  };
}
