import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJsonExpression } from '../json/parse.ts';
import { parseExpression } from '../native/parse.ts';
import { valueFrom } from '../testing/evaluate.ts';
import { convert } from '../values/convert.ts';
import { toHclText } from '../values/hcl-text.ts';
import { typeExpression } from '../values/type-words.ts';

function read(text: string): string {
  const { value, diagnostics } = parseExpression(text, 'test.hcl').value.asType();
  assert.deepEqual(
    diagnostics.map(({ detail }) => detail),
    [],
    text,
  );
  return typeExpression(value.type);
}

describe('types', () => {
  it('are written as names and calls', () => {
    for (const type of [
      'string',
      'number',
      'bool',
      'any',
      'list(string)',
      'set(number)',
      'map(list(bool))',
      'list(any)',
      'tuple([string, number])',
      'object({a=string, b=list(number)})',
      'object({a=optional(string)})',
      'tuple([])',
      'object({})',
    ]) {
      assert.equal(read(type), type);
    }
    assert.equal(read('object({ a = string\n b : number })'), 'object({a=string, b=number})');
  });

  it('are told what is wrong with them', () => {
    const cases: readonly (readonly [text: string, place: string, detail: string])[] = [
      ['str', '1-4', 'There is no type "str".'],
      ['strnig', '1-7', 'There is no type "strnig". Did you mean "string"?'],
      ['list', '1-5', 'The type list needs the type of its elements, as in list(string).'],
      [
        'object',
        '1-7',
        'The type object needs its attributes with their types, as in object({ name = string }).',
      ],
      ['list()', '5-7', 'The type list takes one argument: the type of its elements, as in list(string).'],
      [
        'map(string, number)',
        '13-19',
        'The type map takes one argument: the type of its elements, as in map(string).',
      ],
      ['string(1)', '7-10', 'The type string takes no arguments.'],
      ['lst(string)', '1-4', 'There is no type "lst". Did you mean "list"?'],
      ['list(foo)', '6-9', 'There is no type "foo".'],
      [
        '"string"',
        '1-9',
        'A type is one of string, number, bool and any, or made from others, as in list(string).',
      ],
      [
        'true',
        '1-5',
        'A type is one of string, number, bool and any, or made from others, as in list(string).',
      ],
      [
        'tuple(string)',
        '7-13',
        'The type tuple needs the types of its elements, as in tuple([string, number]).',
      ],
      [
        'object([])',
        '8-10',
        'The type object needs its attributes with their types, as in object({ name = string }).',
      ],
      ['object({ "a" = string })', '10-13', 'The attributes of an object type are plain names.'],
      ['object({ a = string, a = number })', '22-23', 'The attribute "a" has a type already.'],
      [
        'optional(string)',
        '1-17',
        'Only the attributes of an object type can be optional, as in object({ name = optional(string) }).',
      ],
      ['object({ a = optional() })', '14-24', 'An optional attribute needs a type, as in optional(string).'],
      [
        'object({ a = optional(string, "x", 1) })',
        '36-37',
        'An optional attribute has a type and at most one default.',
      ],
      [
        'object({ a = optional(number, "x") })',
        '31-34',
        'This default does not have the type of its attribute: a number is required.',
      ],
      ['object({ a = optional(string, b) })', '31-32', 'Only fixed values can be used here, no variables.'],
    ];
    for (const [text, place, detail] of cases) {
      const { diagnostics } = parseExpression(text, 'test.hcl').value.asType();
      const told = diagnostics.map(({ subject, detail: said }) => {
        return `${subject.start.column}-${subject.end.column} ${said}`;
      });
      assert.deepEqual(told, [`${place} ${detail}`], text);
    }
    const { diagnostics } = parseExpression(
      'object({ a = x1, b = list(y2), c = string })',
      'f',
    ).value.asType();
    assert.equal(diagnostics.length, 2, 'all mistakes at once');
  });

  it('are texts in JSON', () => {
    const type = (text: string) => parseJsonExpression(text, 'test.json').value.asType();
    assert.equal(typeExpression(type('"list(string)"').value.type), 'list(string)');
    const wrong = type('"list(strnig)"').diagnostics[0]!;
    assert.equal(wrong.subject.start.column, 7);
    assert.equal(wrong.detail, 'There is no type "strnig". Did you mean "string"?');
    assert.equal(type('["string"]').diagnostics.length, 1);
    assert.equal(type('"list("').diagnostics.length, 1);
  });
});

describe('defaults of optional attributes', () => {
  function filled(type: string, value: string): string {
    const { value: read, diagnostics } = parseExpression(type, 'test.hcl').value.asType();
    assert.deepEqual(diagnostics, []);
    const result = convert(read.applyDefaults(valueFrom(value)), read.type);
    return toHclText(result).replace(/\s+/g, ' ').replace(/\[ /g, '[').replace(/,? \]/g, ']');
  }

  it('are filled in where attributes are missing or null', () => {
    const type = 'object({ a = optional(string, "x"), b = optional(number), c = string })';
    assert.equal(filled(type, '{ c = "c" }'), '{ a = "x" b = null c = "c" }');
    assert.equal(filled(type, '{ a = "y", b = 1, c = "c" }'), '{ a = "y" b = 1 c = "c" }');
    assert.equal(filled(type, '{ a = null, c = "c" }'), '{ a = "x" b = null c = "c" }');
  });

  it('are filled in at any depth', () => {
    const inner = 'object({ n = optional(number, 1) })';
    assert.equal(filled(`list(${inner})`, '[{}, { n = 2 }]'), '[{ n = 1 }, { n = 2 }]');
    assert.equal(filled(`map(${inner})`, '{ a = {} }'), '{ a = { n = 1 } }');
    assert.equal(filled(`tuple([${inner}, string])`, '[{}, "s"]'), '[{ n = 1 }, "s"]');
    assert.equal(filled(`object({ o = ${inner} })`, '{ o = {} }'), '{ o = { n = 1 } }');
    assert.equal(filled(`object({ o = optional(${inner}, {}) })`, '{}'), '{ o = { n = 1 } }');
    assert.equal(filled(`object({ o = optional(${inner}, { n = 5 }) })`, '{}'), '{ o = { n = 5 } }');
    assert.equal(filled(`set(${inner})`, '[{}, {}]'), '[{ n = 1 }]');
    assert.equal(filled(`list(${inner})`, '[{}, null]'), '[{ n = 1 }, null]');
  });

  it('are converted to the type of their attribute', () => {
    assert.equal(filled('object({ a = optional(string, 5) })', '{}'), '{ a = "5" }');
    assert.equal(filled('object({ a = optional(list(string), []) })', '{}'), '{ a = [] }');
  });

  it('leave values alone that are of some other kind', () => {
    const { value } = parseExpression('object({ a = optional(string, "x") })', 'f').value.asType();
    assert.equal(toHclText(value.applyDefaults(valueFrom('"text"'))), '"text"');
    assert.equal(toHclText(value.applyDefaults(valueFrom('null'))), 'null');
    assert.equal(toHclText(value.applyDefaults(valueFrom('[1]'))), '[1]');
  });
});
