import type { JsonSchema } from './json-schema.ts';

/** Shorter schemas are not worth a definition. In characters. */
const leastLength = 400;

/**
 * Gives parts of a schema that stand in it more than once a definition of their own, named for the first field that has
 * them. What a field says of itself (its description and examples) stays with the field.
 */
export function shareSchemas(whole: JsonSchema): JsonSchema {
  const uses = countUses(whole);
  const names = new Map<string, string>();
  const definitions: Record<string, unknown> = {};
  const share = (schema: JsonSchema, field: string): JsonSchema => {
    const { words, core } = partsOf(schema);
    const text = JSON.stringify(core);
    if (text.length < leastLength || (uses.get(text) ?? 0) < 2) return mapSchemas(schema, share, field);
    let name = names.get(text);
    if (name === undefined) {
      name = freeName(field, definitions);
      names.set(text, name);
      definitions[name] = {};
      definitions[name] = mapSchemas(core, share, field);
    }
    const reference = { $ref: `#/definitions/${name}` };
    // Beside a reference nothing counts in draft 7.
    return Object.keys(words).length === 0 ? reference : { ...words, allOf: [reference] };
  };
  const shared = mapSchemas(whole, share);
  return Object.keys(definitions).length === 0 ? shared : { ...shared, definitions };
}

/** How often each part stands in a schema; what is in a repeated part counts once. */
function countUses(whole: JsonSchema): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const count = (schema: JsonSchema): JsonSchema => {
    const text = JSON.stringify(partsOf(schema).core);
    const before = uses.get(text) ?? 0;
    uses.set(text, before + 1);
    return before === 0 ? mapSchemas(schema, count) : schema;
  };
  mapSchemas(whole, count);
  return uses;
}

function partsOf({ description, examples, ...core }: JsonSchema): { words: JsonSchema; core: JsonSchema } {
  const words = {
    ...(description !== undefined && { description }),
    ...(examples !== undefined && { examples }),
  };
  return { words, core };
}

function freeName(field: string, taken: Readonly<Record<string, unknown>>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? field : `${field}-${number}`;
    if (!Object.hasOwn(taken, name)) return name;
  }
}

/** A schema whose inner schemas are changed, each with the name of the field that it is about. */
function mapSchemas(
  schema: JsonSchema,
  change: (inner: JsonSchema, field: string) => JsonSchema,
  field = 'whole',
): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      switch (keyword) {
        case 'properties':
          return [
            keyword,
            Object.fromEntries(
              Object.entries(value as JsonSchema).map(([name, one]) => [
                name,
                change(one as JsonSchema, name),
              ]),
            ),
          ];
        case 'anyOf':
          return [keyword, (value as readonly JsonSchema[]).map((one) => change(one, field))];
        case 'items':
          return [keyword, change(value as JsonSchema, field)];
        case 'additionalProperties':
          return [keyword, typeof value === 'object' ? change(value as JsonSchema, field) : value];
        default:
          return [keyword, value];
      }
    }),
  );
}
