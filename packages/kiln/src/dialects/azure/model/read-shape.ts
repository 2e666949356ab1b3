import { didYouMean } from '../../../base/suggest.ts';
import { type ApiVersion, isAtLeast, isStrict } from './api-version.ts';
import type { Faults, JsonPath } from './fault.ts';
import { placeOf } from './fault.ts';
import type { ChoiceShape, Field, Fields, Shape, TaggedShape, TextShape } from './shape.ts';

export interface ShapeContext {
  readonly apiVersion: ApiVersion;
  readonly faults: Faults;
}

/**
 * Reads a value of JSON by its shape: gives it with names of fields as they are spelled, without what only the service
 * says, and without fields that are null. What is wrong is among the faults; it gives undefined for that part.
 */
export function readShape(value: unknown, shape: Shape, path: JsonPath, context: ShapeContext): unknown {
  const { faults } = context;
  // A part that could not be filled in has been reported by whoever tried.
  if (value === undefined && path.length > 0) return undefined;
  const wrong = (expected: string) =>
    faults.error(path, 'ValidationFailed', `${subject(path)} must be ${expected}, not ${described(value)}`);
  switch (shape.kind) {
    case 'anything':
      return value;
    case 'text':
      return typeof value === 'string' ? readText(value, shape, path, context) : wrong('a text');
    case 'boolean':
      return typeof value === 'boolean' ? value : wrong('true or false');
    case 'integer': {
      const { min = -Infinity, max = Infinity } = shape;
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max)
        return value;
      return wrong(`a whole number${rangeText(min, max)}`);
    }
    case 'choice':
      return typeof value === 'string' ? readChoice(value, shape, path, context) : wrong('a text');
    case 'list':
      if (!Array.isArray(value)) return wrong('a list');
      return value.map((item, index) => readShape(item, shape.of, [...path, index], context));
    case 'texts':
      return isObject(value) ? readTexts(value, path, context) : wrong('an object');
    case 'identities':
      return isObject(value) ? readIdentities(value, path, context) : wrong('an object');
    case 'object':
      return isObject(value) ? readFields(value, shape.fields, path, context) : wrong('an object');
    case 'tagged':
      return isObject(value) ? readTagged(value, shape, path, context) : wrong('an object');
  }
}

function readText(
  value: string,
  shape: TextShape,
  path: JsonPath,
  { faults }: ShapeContext,
): string | undefined {
  const { pattern, expected = 'a text', code = 'ValidationFailed', mayBeEmpty = false } = shape;
  if (value === '') {
    if (mayBeEmpty) return value;
    faults.error(path, code, `${subject(path)} is empty`);
    return undefined;
  }
  if (pattern === undefined || pattern.test(value)) return value;
  const lower = value.toLowerCase();
  faults.error(
    path,
    code,
    `${subject(path)} must be ${expected}, not "${value}"`,
    pattern.test(lower) ? `write it in lower case: ${lower}` : undefined,
  );
  return undefined;
}

/** Names that stand for choices are compared without case before versions were strict. */
function readChoice(
  value: string,
  { values }: ChoiceShape,
  path: JsonPath,
  { faults, apiVersion }: ShapeContext,
): string | undefined {
  if (values.includes(value)) return value;
  const similar = values.find((one) => one.toLowerCase() === value.toLowerCase());
  if (similar !== undefined && !isStrict(apiVersion)) return similar;
  faults.error(
    path,
    'ValidationFailed',
    `${subject(path)} must be ${values.join(' or ')}, not "${value}"`,
    similar === undefined ? didYouMean(value, values) : `write "${similar}"`,
  );
  return undefined;
}

function readTexts(value: object, path: JsonPath, { faults }: ShapeContext): Record<string, string> {
  const read: [string, string][] = [];
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'string') read.push([name, inner]);
    else if (inner !== null && inner !== undefined) {
      const place = [...path, name];
      faults.error(place, 'ValidationFailed', `${subject(place)} must be a text, not ${described(inner)}`);
    }
  }
  return Object.fromEntries(read);
}

/** Null takes an identity away when a template is changed; here only its form is looked at. */
function readIdentities(
  value: object,
  path: JsonPath,
  { faults }: ShapeContext,
): Record<string, object | null> {
  const read: [string, object | null][] = [];
  for (const [id, inner] of Object.entries(value)) {
    if (inner === null) read.push([id, null]);
    else if (isObject(inner)) read.push([id, {}]);
    else if (inner === undefined) continue;
    else
      faults.error(
        [...path, id],
        'ValidationFailed',
        `${subject([...path, id])} must be an empty object`,
        'write {}',
      );
  }
  return Object.fromEntries(read);
}

function readTagged(
  value: object,
  shape: TaggedShape,
  path: JsonPath,
  context: ShapeContext,
): Record<string, unknown> | undefined {
  const { faults, apiVersion } = context;
  const tag = tagName(shape);
  const known = Object.entries(shape.variants).filter(
    ([, { since }]) => !since || isAtLeast(apiVersion, since),
  );
  const names = known.map(([name]) => name);
  const [field, given] = Object.entries(value).find(([name]) => sameName(name, tag, apiVersion)) ?? [];
  if (given === undefined || given === null) {
    const near = Object.keys(value).find((name) => name.toLowerCase() === tag);
    faults.error(
      path,
      shape.missing,
      `${shape.what} needs "${tag}": ${names.join(', ')}`,
      near === undefined ? undefined : caseHint(tag),
    );
    return undefined;
  }
  const place = [...path, field!];
  if (typeof given !== 'string') {
    faults.error(place, shape.missing, `"${tag}" of ${shape.what} must be a text, not ${described(given)}`);
    return undefined;
  }
  const found = known.find(([name]) => sameName(name, given, apiVersion));
  if (!found) {
    faults.error(
      place,
      shape.unknown,
      `${shape.what} cannot have the ${tag} "${given}"`,
      unknownTag(given, shape, names),
    );
    return undefined;
  }
  const [name, variant] = found;
  const fields = { [tag]: { shape: { kind: 'anything' } }, ...variant.fields } satisfies Fields;
  return { ...readFields(value, fields, path, context), [tag]: name };
}

function tagName({ variants }: TaggedShape): 'scheme' | 'type' {
  return 'Latest' in variants ? 'scheme' : 'type';
}

function unknownTag(given: string, { hints, variants }: TaggedShape, names: readonly string[]): string {
  const own = hints?.[given.toLowerCase()];
  if (own !== undefined) return own;
  const later = Object.entries(variants).find(([name]) => name === given)?.[1].since;
  if (later !== undefined) return `it is known from apiVersion ${later} on`;
  return didYouMean(given, names) ?? `there are ${names.join(', ')}`;
}

function readFields(
  value: object,
  fields: Fields,
  path: JsonPath,
  context: ShapeContext,
): Record<string, unknown> {
  const { faults, apiVersion } = context;
  const read: Record<string, unknown> = {};
  const seen = new Map<string, string>();
  for (const [written, inner] of Object.entries(value)) {
    const found = Object.entries(fields).find(
      ([name, { since }]) => sameName(name, written, apiVersion) && (!since || isAtLeast(apiVersion, since)),
    );
    const place = [...path, written];
    if (!found) {
      sayUnknown(written, fields, place, context);
      continue;
    }
    const [name, field] = found;
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      faults.error(place, 'ValidationFailed', `"${written}" is given twice`, `first as "${earlier}"`);
      continue;
    }
    seen.set(name, written);
    if (field.readOnly || inner === null || inner === undefined) continue;
    const result = readShape(inner, field.shape, place, context);
    if (result !== undefined) read[name] = result;
  }
  for (const [name, { required, since }] of Object.entries(fields)) {
    if (required === undefined || (since && !isAtLeast(apiVersion, since))) continue;
    const written = seen.get(name);
    if (written !== undefined && (value as Record<string, unknown>)[written] !== null) continue;
    faults.error(
      path,
      required,
      `${path.length === 0 ? 'the template' : placeOf(path)} has no "${name}"`,
      missingHint(name, value, context),
    );
  }
  return read;
}

/** A field that is missing may be there under another name. */
function missingHint(name: string, value: object, { apiVersion }: ShapeContext): string | undefined {
  if (!isStrict(apiVersion)) return undefined;
  return name in value || !Object.keys(value).some((one) => one.toLowerCase() === name.toLowerCase())
    ? undefined
    : caseHint(name);
}

function sayUnknown(
  written: string,
  fields: Fields,
  path: JsonPath,
  { apiVersion, faults }: ShapeContext,
): void {
  const hint = unknownHint(written, fields, apiVersion);
  if (isStrict(apiVersion)) {
    faults.error(path, 'ValidationFailed', `unknown field "${written}"`, hint);
    return;
  }
  faults.warning(path, `unknown field "${written}", which apiVersion ${apiVersion} ignores`, hint);
}

function unknownHint(written: string, fields: Fields, apiVersion: ApiVersion): string | undefined {
  const word = written.toLowerCase();
  const entries = Object.entries(fields);
  const later = entries.find(
    ([name, { since }]) => name.toLowerCase() === word && since && !isAtLeast(apiVersion, since),
  );
  if (later) return `"${later[0]}" is known from apiVersion ${later[1].since} on`;
  const sameLetters = entries.find(([name]) => name.toLowerCase() === word);
  if (sameLetters) return caseHint(sameLetters[0]);
  const other = entries.find(([, field]) => field.alsoCalled?.some((one) => one.toLowerCase() === word));
  if (other) return `write "${other[0]}"`;
  const names = entries.flatMap(([name, { readOnly }]: [string, Field]) => (readOnly ? [] : [name]));
  return didYouMean(written, names) ?? `there are ${names.join(', ')}`;
}

function caseHint(name: string): string {
  return `write "${name}": from apiVersion 2024-02-01 on capital letters count`;
}

function sameName(a: string, b: string, apiVersion: ApiVersion): boolean {
  return a === b || (!isStrict(apiVersion) && a.toLowerCase() === b.toLowerCase());
}

function rangeText(min: number, max: number): string {
  if (min === -Infinity) return '';
  return max === Infinity ? ` of at least ${min}` : ` from ${min} to ${max}`;
}

function subject(path: JsonPath): string {
  return path.length === 0 ? 'the template' : placeOf(path);
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function described(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `the text "${value}"` : String(value);
}
