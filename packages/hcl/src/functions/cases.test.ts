import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Case } from './testing/case.ts';
import { collectionCases } from './testing/collection-cases.ts';
import { encodingCases } from './testing/encoding-cases.ts';
import { caseOf } from './testing/evaluate.ts';
import { formatCases } from './testing/format-cases.ts';
import { networkCases } from './testing/network-cases.ts';
import { numberCases } from './testing/number-cases.ts';
import { regexCases } from './testing/regex-cases.ts';
import { textCases } from './testing/text-cases.ts';
import { timeCases } from './testing/time-cases.ts';
import { typeCases } from './testing/type-cases.ts';
import { yamlCases } from './testing/yaml-cases.ts';

const tables: Readonly<Record<string, readonly Case[]>> = {
  'functions on collections': collectionCases,
  'functions on texts': textCases,
  'functions with regular expressions': regexCases,
  'format and formatlist': formatCases,
  'functions on numbers': numberCases,
  'encodings and digests': encodingCases,
  'dates and durations': timeCases,
  'functions on networks': networkCases,
  'yamlencode and yamldecode': yamlCases,
  'try, can and convert': typeCases,
};

for (const [name, cases] of Object.entries(tables)) {
  test(`${name} give what the libraries that Packer uses give, in ${cases.length} cases`, () => {
    assert.ok(cases.length > 20);
    for (const expected of cases) assert.deepEqual(caseOf(expected[0]), expected);
  });
}

/** Where results differ from Packer's on purpose, and why. */
const differences: readonly { readonly why: string; readonly cases: readonly Case[] }[] = [
  {
    why: 'a null that nobody gave a type is known to be null, not unknown for ever',
    cases: [
      ['format("%v", null)', 'string', '"null"'],
      ['format("%#v", null)', 'string', '"null"'],
      ['format("%s", null)', 'error'],
      ['yamldecode("null")', 'any', 'null'],
      ['yamldecode("~")', 'any', 'null'],
    ],
  },
  {
    why: 'a network that begins at address zero has room for subnets, too',
    cases: [['cidrsubnets("0.0.0.0/0", 1, 1)', 'list(string)', '["0.0.0.0/1","128.0.0.0/1"]']],
  },
  {
    why: 'a negative number of bits or of a subnet makes addresses outside of the network',
    cases: [
      ['cidrsubnet("10.1.2.0/24", -1, 1)', 'error'],
      ['cidrsubnet("10.1.2.0/24", 4, -1)', 'error'],
    ],
  },
  {
    why: 'block scalars of YAML are texts whatever they look like, and so are texts that begin with 0b',
    cases: [
      ['yamldecode("a: |-\\n  yes")', 'object({a=string})', '{"a":"yes"}'],
      ['yamldecode("a: 0bx")', 'object({a=string})', '{"a":"0bx"}'],
    ],
  },
  {
    why: 'a step of zero gets nowhere, and does not have to be tried',
    cases: [['range(0, 10, 0)', 'error']],
  },
  {
    why: 'coalescelist may be given null, as its name says',
    cases: [['coalescelist(null, ["a"])', 'tuple([string])', '["a"]']],
  },
  {
    why: 'mistakes are told before all arguments are known, and objects are never flattened',
    cases: [
      ['flatten({ a = unknown_string })', 'error'],
      ['flatten(unknown_string)', 'error'],
      ['element(unknown_list, 1.5)', 'error'],
      ['setproduct([null, [1]], ["a"])', 'error'],
      ['setproduct([unknown_any, [1]], ["a"])', 'unknown', 'list(tuple([any, string]))'],
      ['setproduct([unknown_any], [])', 'list(tuple([any, any]))', '[]'],
      ['merge(null, 1, {})', 'error'],
    ],
  },
];

for (const { why, cases } of differences) {
  test(`unlike in Packer, ${why}`, () => {
    for (const expected of cases) assert.deepEqual(caseOf(expected[0]), expected);
  });
}
