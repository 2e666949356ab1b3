import type { Field, Fields, Shape } from './shape.ts';
import { shareSchemas } from './share-schemas.ts';

export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** The JSON Schema (draft 7, which every editor knows) of a shape. */
export function toJsonSchema(shape: Shape, title: string, description: string): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    description,
    ...shareSchemas(schemaOf(shape)),
  };
}

/** A value that is filled in when the file is read: it may stand wherever a single value may. */
const variableReference: JsonSchema = { type: 'string', pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}' };

function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case 'text':
      return { type: ['string', 'number', 'boolean'] };
    case 'whole-number':
      return { anyOf: [{ type: 'integer', minimum: shape.min, maximum: shape.max }, variableReference] };
    case 'switch':
      return { anyOf: [{ type: 'boolean' }, variableReference] };
    case 'choice':
      return { anyOf: [{ enum: shape.choices }, variableReference] };
    case 'notation': {
      const written: JsonSchema = { type: 'string', pattern: shape.pattern, description: shape.expected };
      return {
        anyOf: [
          written,
          ...(shape.allowsNumber ? [{ type: 'number' }] : []),
          ...(shape.allowsSwitch ? [{ type: 'boolean' }] : []),
          variableReference,
        ],
      };
    }
    case 'list': {
      const array: JsonSchema = { type: 'array', items: schemaOf(shape.of) };
      return shape.byReference ? { anyOf: [array, variableReference] } : array;
    }
    case 'placed-text':
      return { type: ['string', 'number', 'boolean'], description: shape.expected };
    case 'nothing':
      return { type: 'null' };
    case 'foreign':
      return schemaOf(shape.of);
    case 'resettable':
      // What stands behind `!reset`, a tag, is all that a schema sees of it.
      return { anyOf: [schemaOf(shape.of), { type: 'null' }] };
    case 'named':
      return {
        type: 'object',
        propertyNames: { pattern: shape.key.pattern },
        additionalProperties: schemaOf(shape.of),
      };
    case 'record':
      return objectSchema(shape.fields, shape.ownPrefix);
    case 'one-of':
      return { anyOf: shape.of.map(schemaOf) };
    case 'action':
      return {
        anyOf: Object.entries(shape.actions).map(([name, field]) => ({
          ...objectSchema({ [name]: { ...field, required: true }, ...shape.common }),
          description: field.description,
        })),
      };
  }
}

function objectSchema(fields: Fields, ownPrefix?: string): JsonSchema {
  const needed = Object.keys(fields).filter((name) => fields[name]!.required);
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)])),
    ...(needed.length > 0 && { required: needed }),
    ...(ownPrefix !== undefined && { patternProperties: { [`^${ownPrefix}`]: {} } }),
    additionalProperties: false,
  };
}

function fieldSchema(field: Field): JsonSchema {
  const words = field.byDefault === undefined ? '' : ` Default: ${field.byDefault}.`;
  return {
    description: `${field.description}${words}`,
    ...schemaOf(field.shape),
    ...(field.examples && { examples: field.examples }),
  };
}
