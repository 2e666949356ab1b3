import {
  choice,
  type Infer,
  list,
  named,
  notation,
  oneOf,
  onOff,
  optional,
  placedText,
  record,
  text,
} from '../../../base/yaml/shape.ts';

export const parameterTypes = ['string', 'number', 'boolean', 'list', 'enum'] as const;
export type ParameterType = (typeof parameterTypes)[number];

const value = placedText('a value');

const regularExpression = notation<string>({
  expected: 'a regular expression such as "^[a-z]+$"',
  pattern: '^.+$',
  allowsNumber: false,
  // `$` and braces belong to it.
  script: true,
  parse: (source) => {
    try {
      new RegExp(source, 'u');
      return source;
    } catch {
      return {
        problem: `"${source}" is not a regular expression`,
        hint: 'check its brackets, and put \\ before signs that stand for themselves',
      };
    }
  },
});

const limit = notation<number>({
  expected: 'a number',
  pattern: '^-?\\d+(\\.\\d+)?$',
  allowsNumber: true,
  parse: (source) => (/^-?\d+(?:\.\d+)?$/.test(source) ? Number(source) : undefined),
});

const parameter = record(
  'a parameter',
  {
    type: optional(choice(...parameterTypes), 'What its values are.', {
      byDefault: 'that of the default; enum when "values" are given; else string',
    }),
    default: optional(oneOf(value, list(value)), 'Its value when none is given.', { examples: ['8080'] }),
    description: optional(text, 'What it is for.', { examples: ['Port that the application listens on'] }),
    values: optional(list(text), 'enum: the values that it may have.', { examples: [['small', 'large']] }),
    pattern: optional(
      regularExpression,
      'string and list: a regular expression that each value must match as a whole.',
      {
        examples: ['[a-z][a-z0-9-]*'],
      },
    ),
    min: optional(limit, 'The least number; the least length of a string or a list.', { examples: [1] }),
    max: optional(limit, 'The greatest number; the greatest length of a string or a list.', {
      examples: [65535],
    }),
    secret: optional(onOff, 'Never show the value in any output, report, log or cache.', {
      byDefault: 'false',
    }),
    env: optional(text, 'Take the value from this environment variable.', { examples: ['API_TOKEN'] }),
  },
  {
    synonyms: {
      value: 'default',
      sensitive: 'secret',
      choices: 'values',
      options: 'values',
      enum: 'values',
      allowed: 'values',
      regex: 'pattern',
      minimum: 'min',
      maximum: 'max',
      help: 'description',
    },
  },
);

export const parametersShape = named(
  {
    what: "a parameter's name",
    pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
    expected: 'letters, digits and "_", such as "app_port"',
  },
  oneOf(value, list(value), parameter),
);

export type ParameterEntry = Infer<typeof parametersShape>[string];
