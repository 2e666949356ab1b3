import type { LayerContext } from '../layer-context.ts';
import type { LayerBuilder } from './layer-builder.ts';

/** What reading each part of cloud-config needs. */
export interface CloudContext extends LayerContext {
  readonly layer: LayerBuilder;
}

/** Reports a field that is not done when it asks for something; `value` false or empty asks for nothing. */
export function refuse(
  context: Pick<LayerContext, 'problems' | 'places'>,
  entry: object,
  field: string,
  reason: string,
  hint: string,
): void {
  context.problems.error(context.places.of(entry, field), `${field} cannot be honoured: ${reason}`, hint);
}
