import { didYouMean } from '../../../base/suggest.ts';
import type { Source } from '../../../plan/source.ts';
import type { ComponentContext } from '../component-context.ts';
import { Options } from '../options.ts';
import type { MapNode } from '../value-node.ts';
import { readFileBuilder } from './file.ts';
import { readNullBuilder } from './null.ts';
import { readQemuBuilder } from './qemu.ts';

const readers = { file: readFileBuilder, null: readNullBuilder, qemu: readQemuBuilder } as const;

export const builderTypes = Object.keys(readers);

export function isBuilderType(type: string): type is keyof typeof readers {
  return Object.hasOwn(readers, type);
}

/** A builder as the source of a build. Undefined after a mistake that was reported. */
export function readBuilder(
  type: keyof typeof readers,
  map: MapNode,
  metaNames: readonly string[],
  context: ComponentContext,
): Source | undefined {
  const options = new Options(`the ${type} builder`, [map], context);
  options.skip(...metaNames);
  return readers[type](options);
}

/** Why a builder is refused, for a message and its hint. */
export function unknownBuilder(type: string): { message: string; hint: string } {
  return {
    message: `Kiln does not run the builder "${type}" yet`,
    hint: didYouMean(type, builderTypes) ?? `it runs ${builderTypes.join(', ')}`,
  };
}
