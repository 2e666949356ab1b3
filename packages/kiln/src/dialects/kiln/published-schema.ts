import { kilnFile } from './kiln-file.ts';
import { type JsonSchema, toJsonSchema } from './schema/json-schema.ts';

/** The JSON Schema of kiln.yaml for editors: docs/kiln.schema.json. */
export function kilnJsonSchema(): JsonSchema {
  return toJsonSchema(kilnFile, 'kiln.yaml', 'Images to build and machines to run with Kiln.');
}
