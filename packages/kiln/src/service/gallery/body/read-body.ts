import { didYouMean } from '../../../base/suggest.ts';
import { ServiceError } from '../../service-error.ts';

/** What a value of a body may be. */
export type BodyShape =
  | {
      readonly kind: 'text';
      readonly longest?: number;
      readonly pattern?: RegExp;
      readonly expected?: string;
    }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'date' }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'list'; readonly of: BodyShape }
  | { readonly kind: 'texts' }
  /** Taken and kept as it is: nothing here acts on it. */
  | { readonly kind: 'anything' }
  | { readonly kind: 'object'; readonly fields: BodyFields };

export type BodyFields = Readonly<Record<string, BodyField>>;

export interface BodyField {
  readonly shape: BodyShape;
  readonly required?: boolean;
  /** Said by the service; sent back it is no mistake. */
  readonly readOnly?: boolean;
}

interface BodyFault {
  readonly code: string;
  readonly message: string;
  readonly target: string;
}

export type Body = Readonly<Record<string, unknown>>;

/**
 * Reads a body of Microsoft.Compute: names of fields and of choices without regard to case, unknown fields refused, what
 * is null or only the service's to say left out.
 * @param partial for PATCH: nothing is required
 * @throws ServiceError 400 InvalidParameter with every mistake among the details
 */
export function readBody(value: unknown, fields: BodyFields, { partial = false } = {}): Body {
  const faults: BodyFault[] = [];
  const read = readValue(value, { kind: 'object', fields }, '', { faults, partial });
  const [first] = faults;
  if (!first) return read as Body;
  throw new ServiceError(400, first.code, first.message, {
    target: first.target,
    ...(faults.length > 1 && { details: faults }),
  });
}

interface Reading {
  readonly faults: BodyFault[];
  readonly partial: boolean;
}

function readValue(value: unknown, shape: BodyShape, place: string, reading: Reading): unknown {
  const wrong = (expected: string) => {
    const subject = place === '' ? 'the body' : place;
    reading.faults.push({
      code: 'InvalidParameter',
      message: `${subject} must be ${expected}`,
      target: place,
    });
  };
  switch (shape.kind) {
    case 'anything':
      return value;
    case 'text': {
      const { longest = 4096, pattern, expected = 'a text' } = shape;
      if (typeof value !== 'string') return wrong(expected);
      if (value.length > longest) return wrong(`no longer than ${longest} characters`);
      return pattern && !pattern.test(value) ? wrong(expected) : value;
    }
    case 'boolean':
      return typeof value === 'boolean' ? value : wrong('true or false');
    case 'integer': {
      const { min, max } = shape;
      const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
      return fits ? value : wrong(`a whole number from ${min} to ${max}`);
    }
    case 'date':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value))
        ? new Date(value).toISOString()
        : wrong('a time such as 2027-01-31T00:00:00Z');
    case 'choice': {
      const found = shape.of.find((one) => one.toLowerCase() === String(value).toLowerCase());
      return typeof value === 'string' && found !== undefined ? found : wrong(shape.of.join(' or '));
    }
    case 'list':
      if (!Array.isArray(value)) return wrong('a list');
      return value.map((one, index) => readValue(one, shape.of, `${place}[${index}]`, reading));
    case 'texts':
      if (!isObject(value)) return wrong('an object of texts');
      for (const [name, one] of Object.entries(value))
        if (typeof one !== 'string') readValue(one, { kind: 'text' }, `${place}.${name}`, reading);
      return value;
    case 'object':
      return isObject(value) ? readFields(value, shape.fields, place, reading) : wrong('an object');
  }
}

function readFields(value: Body, fields: BodyFields, place: string, reading: Reading): Body {
  const read = new Map<string, unknown>();
  const inside = (name: string) => (place === '' ? name : `${place}.${name}`);
  const names = Object.keys(fields);
  for (const [written, inner] of Object.entries(value)) {
    const name = names.find((one) => one.toLowerCase() === written.toLowerCase());
    const field = name === undefined ? undefined : fields[name];
    if (name === undefined || !field) {
      reading.faults.push({
        code: 'BadRequest',
        message: `there is no field "${written}" in ${place === '' ? 'the body' : place}${suggestion(written, names)}`,
        target: inside(written),
      });
    } else if (!field.readOnly && inner !== null && inner !== undefined) {
      read.set(name, readValue(inner, field.shape, inside(name), reading));
    }
  }
  for (const [name, { required }] of Object.entries(fields)) {
    if (!required || reading.partial || read.has(name)) continue;
    reading.faults.push({
      code: 'InvalidParameter',
      message: `the required parameter '${inside(name)}' is missing`,
      target: inside(name),
    });
  }
  return Object.fromEntries(read);
}

function suggestion(written: string, names: readonly string[]): string {
  const hint = didYouMean(written, names);
  return hint === undefined ? '' : `: ${hint}`;
}

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
