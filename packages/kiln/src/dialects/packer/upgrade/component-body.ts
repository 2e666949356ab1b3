import { type BlockText, isIdentifier, type Writable } from '@kiln/hcl';
import { isObject, type JsonObject, type JsonValue } from '../fix/json-value.ts';
import { optionForm } from './block-options.ts';
import { type TextPlace, upgradeText } from './text-code.ts';

export interface ComponentBody {
  readonly attributes: Readonly<Record<string, Writable>>;
  readonly blocks: readonly BlockText[];
}

/** The options of a builder, provisioner or post-processor as the body of an HCL2 block. */
export function componentBody(options: JsonObject, place: TextPlace): ComponentBody {
  const attributes: Record<string, Writable> = {};
  const blocks: BlockText[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (!isIdentifier(name)) {
      place.notes.warn(`the option "${name}" was left out: its name cannot be one in HCL2`);
      continue;
    }
    const form = optionForm(name, value);
    if (form === 'attribute') attributes[name] = upgradeValue(value, place);
    else {
      const items = form === 'blocks' ? (value as readonly JsonObject[]) : [value as JsonObject];
      for (const item of items) blocks.push({ type: name, ...componentBody(item, place) });
    }
  }
  return { attributes, blocks };
}

export function upgradeValue(value: JsonValue, place: TextPlace): Writable {
  if (typeof value === 'string') return upgradeText(value, place);
  if (Array.isArray(value)) return value.map((item: JsonValue) => upgradeValue(item, place));
  if (!isObject(value)) return value as Writable;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, upgradeValue(item, place)]));
}
