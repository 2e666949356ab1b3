import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BodySchema, Read } from '../body.ts';
import { rangeText } from '../diagnostics/range.ts';
import { contextOf } from '../testing/evaluate.ts';
import { secret, v } from '../testing/values.ts';
import { toHclText } from '../values/hcl-text.ts';
import { dynamicType } from '../values/type.ts';
import { unknownValue, type Value } from '../values/value.ts';
import { parseJsonConfig, parseJsonExpression } from './parse.ts';

const context = contextOf({ a: v('A'), n: v(5), later: unknownValue(dynamicType), password: secret('p') });

function told({ diagnostics }: Read<unknown>): string[] {
  return diagnostics.map(({ subject, summary, detail }) => `${rangeText(subject)} ${summary}: ${detail}`);
}

function mistakes(text: string): string[] {
  return parseJsonExpression(text, 'f.json').diagnostics.map(({ subject, summary }) => {
    return `${subject.start.line},${subject.start.column} ${summary}`;
  });
}

function shown(value: Value): string {
  const marks = [...value.marks].map((mark) => ` !${mark}`).join('');
  return `${toHclText(value, { secrets: true }).replace(/\s+/g, ' ')}${marks}`;
}

function evaluated(text: string): string {
  const parsed = parseJsonExpression(text, 'f.json');
  const { value, diagnostics } = parsed.value.evaluate(context);
  assert.deepEqual([...parsed.diagnostics, ...diagnostics], [], text);
  return shown(value);
}

describe('JSON', () => {
  it('is read with all that it has', () => {
    const cases: readonly (readonly [json: string, value: string])[] = [
      ['null', 'null'],
      [' true ', 'true'],
      ['-12.50e1', '-125'],
      ['123456789012345678901234567890.5', '123456789012345678901234567890.5'],
      ['"a\\n\\u00e9\\ud83d\\ude00\\/\\"\\\\\\b\\f\\r\\t"', '"a\\né😀/\\"\\\\\\u0008\\u000c\\r\\t"'],
      ['"\\ud800"', '"\ufffd"'],
      ['[]', '[]'],
      ['[1, "a", null]', '[1, "a", null]'],
      ['{}', '{}'],
      ['{"b": 1, "a": [true]}', '{ a = [true] b = 1 }'],
      ['\ufeff1', '1'],
    ];
    for (const [json, value] of cases) assert.equal(evaluated(json), value, json);
  });

  it('is refused where it is none, at the place', () => {
    const cases: readonly (readonly [json: string, ...mistakes: string[]])[] = [
      ['', '1,1 Missing value'],
      ['[', '1,1 Unclosed list'],
      ['{"a": 1', '1,1 Unclosed object'],
      ['[1,]', '1,3 Trailing comma'],
      ['{"a": 1,}', '1,8 Trailing comma'],
      ['[1 2]', '1,4 Missing comma'],
      ['{"a": 1 "b": 2}', '1,9 Missing comma'],
      ['[1: 2]', '1,3 Invalid array value'],
      ['{"a" 1}', '1,6 Missing property value colon'],
      ['{"a" = 1}', '1,6 Missing property value colon'],
      ['{a: 1}', '1,2 Invalid object property name'],
      ['{1: 1}', '1,2 Invalid object property name'],
      [`{'a': 1}`, '1,2 Invalid JSON string'],
      ['[1}', '1,3 Mismatched brackets'],
      ['{"a": 1]', '1,8 Mismatched brackets'],
      ['// c\n1', '1,1 Comment in JSON'],
      ['[1, # c\n2 /* d */]', '1,5 Comment in JSON'],
      ['1 2', '1,3 Extraneous data after value'],
      ['True', '1,1 Invalid JSON keyword'],
      ['[NaN, undefined]', '1,2 Invalid JSON keyword', '1,7 Invalid JSON keyword'],
      [
        '[01, +1, .5, 5., 0x1, 1e, 1-2]',
        ...[2, 6, 10, 14, 18, 23, 27].map((column) => `1,${column} Invalid JSON number`),
      ],
      ['"a\nb"', '1,1 Unterminated JSON string'],
      ['"a\tb"', '1,3 Invalid JSON string'],
      ['"a', '1,1 Unterminated JSON string'],
      ['"\\q \\u12"', '1,2 Invalid JSON string', '1,5 Invalid JSON string'],
      ['@', '1,1 Invalid start of value'],
    ];
    for (const [json, ...expected] of cases) assert.deepEqual(mistakes(json), expected, json);
  });

  it('goes on after mistakes', () => {
    const { value, diagnostics } = parseJsonConfig(
      '{"a": 1, // c\n b: \'x\', "c": True "d": [1,], "e": 2}',
      'f.json',
    );
    assert.equal(diagnostics.length, 6);
    assert.deepEqual([...value.everything().attributes.keys()], ['a', 'b', 'c', 'd', 'e']);
  });
});

describe('JSON values as expressions', () => {
  it('have templates for texts, also in names', () => {
    const cases: readonly (readonly [json: string, value: string])[] = [
      ['"x${a}y"', '"xAy"'],
      ['"${n}"', '5'],
      ['"${n + 1}"', '6'],
      ['"$${a}"', '"$${a}"'],
      ['"%{ if n > 1 }big%{ endif }"', '"big"'],
      ['"${upper(\\"x\\")}"', '"X"'],
      ['["${a}", {"${a}": "${n}"}]', '["A", { A = 5 }]'],
      ['{"${later}": 1}', '<unknown>'],
      ['"${later}"', '<unknown>'],
      ['"x${password}"', '"xp" !sensitive'],
      ['{"${password}": 1}', '{ p = 1 } !sensitive'],
      ['"$ {a} 100%"', '"$ {a} 100%"'],
    ];
    for (const [json, value] of cases)
      assert.equal(evaluated(json).replace(/,? \]/g, ']').replace(/\[ /g, '['), value, json);
  });

  it('are fixed values without a context', () => {
    const { value } = parseJsonExpression('"${a}"', 'f.json').value.evaluate();
    assert.ok(value.kind === 'string' && value.value === '${a}');
  });

  it('tell mistakes at their place inside of the text, whatever escapes are before', () => {
    const told1 = told(parseJsonExpression('["x", "\\u00e9\\n${b}"]', 'f.json').value.evaluate(context));
    assert.deepEqual(told1, ['f.json:1,18-19 Unknown variable: There is no variable named "b".']);
    const told2 = told(parseJsonExpression('"${1 +}"', 'f.json').value.evaluate(context));
    assert.deepEqual(told2, [
      'f.json:1,7-8 Invalid expression: A value is expected, but here is the end of the sequence.',
    ]);
  });

  it('refuse names that come twice or are none', () => {
    const twice = told(parseJsonExpression('{"A": 1, "${a}": 2}', 'f.json').value.evaluate(context));
    assert.deepEqual(twice, [
      'f.json:1,10-16 Duplicate object attribute: There is an attribute "A" already, at f.json:1,2-5.',
    ]);
    assert.equal(told(parseJsonExpression('{"${null}": 1}', 'f.json').value.evaluate(context)).length, 1);
    assert.equal(told(parseJsonExpression('{"${[]}": 1}', 'f.json').value.evaluate(context)).length, 1);
  });

  it('tell their variables, paths, calls and parts', () => {
    const read = (json: string) => parseJsonExpression(json, 'f.json').value;
    assert.deepEqual(
      read('{"${a}": ["${b.c}", "d"]}')
        .variables()
        .map(({ root }) => root),
      ['a', 'b'],
    );
    assert.deepEqual(read('"${a +}"').variables(), []);
    assert.equal(read('"a.b[0]"').asTraversal()?.root, 'a');
    assert.equal(read('"${a}"').asTraversal(), undefined);
    assert.equal(read('5').asTraversal(), undefined);
    assert.equal(read('"abc"').asKeyword(), 'abc');
    assert.equal(read('"f(1, 2)"').asCall()?.arguments.length, 2);
    assert.equal(read('[1, 2]').asList()?.length, 2);
    assert.equal(read('{"a": 1}').asMap()?.length, 1);
    assert.equal(read('"x${a}"').asTemplate()?.length, 2);
    assert.equal(read('"x"').asTemplate(), undefined);
  });
});

describe('JSON as a body', () => {
  const schema: BodySchema = {
    attributes: [{ name: 'a' }],
    blocks: [{ type: 'x' }, { type: 'y', labels: ['kind'] }, { type: 'z', labels: ['kind', 'name'] }],
  };

  function blocks(text: string): string[] {
    const parsed = parseJsonConfig(text, 'f.json');
    const read = parsed.value.content(schema);
    assert.deepEqual([...told(parsed), ...told(read)], [], text);
    return read.value.blocks.map(({ type, labels, body }) => {
      const names = [...body.justAttributes().value.keys()];
      return [type, ...labels, `(${names.join(' ')})`].join(' ');
    });
  }

  it('has blocks, written once, in lists, or under their labels', () => {
    assert.deepEqual(blocks('{"x": {"i": 1}}'), ['x (i)']);
    assert.deepEqual(blocks('{"x": [{"i": 1}, {"j": 1}]}'), ['x (i)', 'x (j)']);
    assert.deepEqual(blocks('{"x": []}'), []);
    assert.deepEqual(blocks('{"x": null}'), []);
    assert.deepEqual(blocks('{"y": {"k": {"i": 1}, "l": {}}}'), ['y k (i)', 'y l ()']);
    assert.deepEqual(blocks('{"z": {"k": {"m": {"i": 1}, "n": [{}, {"j": 1}]}}}'), [
      'z k m (i)',
      'z k n ()',
      'z k n (j)',
    ]);
    assert.deepEqual(blocks('{"z": [{"k": {"m": {}}}, {"k": [{"n": {}}, {"n": {}}]}]}'), [
      'z k m ()',
      'z k n ()',
      'z k n ()',
    ]);
    assert.deepEqual(blocks('{"x": {}, "x": {}}'), ['x ()', 'x ()']);
    assert.deepEqual(blocks('[{"x": {}}, {"x": {}, "a": 1}]'), ['x ()', 'x ()']);
  });

  it('has comments in properties named //', () => {
    assert.deepEqual(blocks('{"//": "c", "x": {"//": 1, "i": 1}}'), ['x (i)']);
  });

  it('gives mistakes for what is not in the schema or not of its form', () => {
    const cases: readonly (readonly [json: string, ...mistakes: string[]])[] = [
      ['{"b": 1}', 'f.json:1,2-5 Extraneous JSON object property: There is no argument or block "b" here.'],
      [
        '{"zz": 1}',
        'f.json:1,2-6 Extraneous JSON object property: There is no argument or block "zz" here. Did you mean "z"?',
      ],
      [
        '{"a": 1, "a": 2}',
        'f.json:1,10-13 Duplicate argument: The argument "a" is set already, at f.json:1,2-5. An argument can be set only once.',
      ],
      [
        '{"x": 5}',
        'f.json:1,7-8 Incorrect JSON value type: The content of a block "x" is an object, that of several blocks a list of objects.',
      ],
      [
        '{"y": 5}',
        'f.json:1,7-8 Incorrect JSON value type: An object or a list of objects is expected here, whose properties are named for the label "kind".',
      ],
      [
        '{"y": [5]}',
        'f.json:1,8-9 Incorrect JSON value type: An object is expected here, whose properties are named for the label "kind".',
      ],
      [
        '{"y": {}}',
        'f.json:1,7-8 Missing block label: A property is needed here, named for the label "kind" of the block "y".',
      ],
    ];
    for (const [json, ...expected] of cases) {
      assert.deepEqual(told(parseJsonConfig(json, 'f.json').value.content(schema)), expected, json);
    }
    const required = parseJsonConfig('{\n}', 'f.json').value.content({
      attributes: [{ name: 'a', required: true }],
    });
    assert.deepEqual(told(required), [
      'f.json:2,1-2 Missing required argument: The argument "a" is required here, but it is not set.',
    ]);
    assert.equal(told(parseJsonConfig('5', 'f.json')).length, 1);
    assert.equal(told(parseJsonConfig('[{}, 5]', 'f.json').value.content(schema)).length, 1);
  });

  it('gives the rest, when only a part was asked for', () => {
    const first = parseJsonConfig('{"a": 1, "x": {}, "b": 2}', 'f.json').value.partialContent({
      blocks: [{ type: 'x' }],
    });
    assert.deepEqual(told(first), []);
    assert.deepEqual([...first.rest.justAttributes().value.keys()], ['a', 'b']);
    assert.deepEqual([...first.rest.everything().attributes.keys()], ['a', 'b']);
    assert.deepEqual(told(first.rest.content({ attributes: [{ name: 'a' }, { name: 'b' }] })), []);
  });

  it('gives everything as arguments, names that come again as lists', () => {
    const { attributes, blocks: none } = parseJsonConfig(
      '{"x": {"i": 1}, "x": {"j": 2}, "//": 0}',
      'f.json',
    ).value.everything();
    assert.deepEqual(none, []);
    assert.deepEqual([...attributes.keys()], ['x']);
    assert.equal(
      shown(attributes.get('x')!.expression.evaluate().value).replace(/,? \]/g, ']').replace(/\[ /g, '['),
      '[{ i = 1 }, { j = 2 }]',
    );
  });
});
