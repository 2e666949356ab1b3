import { type JsonSchema, toJsonSchema } from '../../base/yaml/json-schema.ts';
import { kilnFile } from './kiln-file.ts';

/** The JSON Schema of kiln.yaml for editors: docs/kiln.schema.json. */
export function kilnJsonSchema(): JsonSchema {
  return toJsonSchema(kilnFile, 'kiln.yaml', 'Images to build and machines to run with Kiln.');
}
