import { type JsonSchema, toJsonSchema } from '../../base/yaml/json-schema.ts';
import { profileFile } from './profile-shape.ts';

/** The JSON Schema of profiles for editors: docs/profile.schema.json. */
export function profileJsonSchema(): JsonSchema {
  return toJsonSchema(
    profileFile,
    'Kiln profile',
    'What a machine is: packages, users, files, services, settings.',
  );
}
