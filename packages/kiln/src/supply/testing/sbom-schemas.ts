import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { spdxSchema } from './spdx-schema.ts';

/** What is wrong with a document by a schema; empty when nothing is. */
export type SchemaCheck = (document: unknown) => string[];

/** CycloneDX's own schema, version 1.6, with those that it refers to. */
export function cyclonedxCheck(): SchemaCheck {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  for (const name of ['jsf-0.82', 'spdx', 'cryptography-defs'])
    ajv.addSchema(officialSchema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  return checkOf(ajv.compile(officialSchema('bom-1.6')));
}

/**
 * SPDX's schema, version 2.3: the official one from the file that KILN_SPDX_SCHEMA names, or what of it documents of
 * Kiln have.
 */
export function spdxCheck(): SchemaCheck {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const official = process.env.KILN_SPDX_SCHEMA;
  const schema = official ? (JSON.parse(readFileSync(official, 'utf8')) as object) : spdxSchema;
  return checkOf(ajv.compile(schema));
}

function checkOf(validate: ValidateFunction): SchemaCheck {
  return (document) => {
    if (validate(document)) return [];
    return (validate.errors ?? [])
      .slice(0, 10)
      .map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

function officialSchema(name: string): object {
  const path = import.meta.resolve('@cyclonedx/cyclonedx-library/package.json');
  const url = new URL(`res/schema/${name}.SNAPSHOT.schema.json`, path);
  return JSON.parse(readFileSync(fileURLToPath(url), 'utf8')) as object;
}
