import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseExpression } from '../native/parse.ts';
import { contextOf, evaluate, localsContext, mistakesOf } from '../testing/evaluate.ts';
import { v } from '../testing/values.ts';

const context = localsContext();

function told(cases: readonly (readonly [expression: string, mistake: string])[]): void {
  for (const [expression, mistake] of cases) {
    assert.deepEqual(mistakesOf(expression, context), [mistake], expression);
  }
}

describe('a mistake is told at its place, with what is wrong', () => {
  it('in names', () => {
    told([
      ['1 + locl.name', '1,5-9 Unknown variable: There is no variable named "locl". Did you mean "local"?'],
      ['xyz', '1,1-4 Unknown variable: There is no variable named "xyz".'],
      [
        'local.nmae',
        '1,6-11 Unsupported attribute: This object has no attribute "nmae". Did you mean "name"?',
      ],
      ['local.map.k3', '1,10-13 Missing element: This map has no element "k3". Did you mean "k1"?'],
      ['local["nam"]', '1,6-13 Invalid index: This object has no attribute "nam". Did you mean "name"?'],
      [
        'uper("a")',
        '1,1-5 Call to unknown function: There is no function named "uper". Did you mean "upper"?',
      ],
      ['a::b(1)', '1,1-5 Call to unknown function: There are no functions whose names start with "a::".'],
    ]);
  });

  it('in access', () => {
    told([
      ['local.list[2]', '1,11-14 Invalid index: There is no element with this index. The last element is 1.'],
      [
        'local.list[-1]',
        '1,11-15 Invalid index: The index must not be negative: elements are counted from 0 upwards.',
      ],
      [
        'local.list.x',
        '1,11-13 Unsupported attribute: A list has no attributes. Say which element you mean, as in [0].x, or write [*].x for the attribute "x" of all of them.',
      ],
      ['local.name.x', '1,11-13 Unsupported attribute: A string has no attributes.'],
      ['null.x', '1,5-7 Attribute of null: This value is null, so it has no attribute "x".'],
      [
        'convert(null, list(string))[*]',
        '1,1-28 Splat of null value: This list is null, so there is nothing to go through.',
      ],
      [
        'local.objects[*].nam',
        '1,17-21 Unsupported attribute: This object has no attribute "nam". Did you mean "name"?',
      ],
    ]);
  });

  it('in operators', () => {
    told([
      ['1 + "a"', '1,5-8 Invalid operand: The right side of "+" is not suitable: a number is required.'],
      ['[1] && true', '1,1-4 Invalid operand: The left side of "&&" is not suitable: a bool is required.'],
      ['-"a"', '1,2-5 Invalid operand: What follows "-" is not suitable: a number is required.'],
      ['1 / 0', '1,5-6 Operation failed: A number cannot be divided by zero.'],
      ['1 + null', '1,5-9 Operation failed: Null has no place in an operation.'],
    ]);
    assert.equal(mistakesOf('"a" + "b"', context).length, 2);
  });

  it('in conditions', () => {
    told([
      [
        '"x" ? 1 : 2',
        '1,1-4 Incorrect condition type: A condition must be true or false: a bool is required.',
      ],
      ['null ? 1 : 2', '1,1-5 Null condition: The condition is null. It must be true or false.'],
      [
        'true ? [1] : "a"',
        '1,8-17 Inconsistent conditional result types: Both results of a condition must be of one type. The result for "true" is tuple, that for "false" is string.',
      ],
      [
        'true ? { a = [] } : { a = {} }',
        '1,8-31 Inconsistent conditional result types: Both results of a condition must be of one type. In the attribute "a": The result for "true" is tuple, that for "false" is object.',
      ],
      ['true ? local.x : 1', '1,13-15 Unsupported attribute: This object has no attribute "x".'],
    ]);
  });

  it('in texts', () => {
    told([
      [
        '"a${null}"',
        '1,5-9 Invalid template interpolation value: This value is null, which cannot be part of a text.',
      ],
      [
        '"a${local.list}"',
        '1,5-15 Invalid template interpolation value: This value cannot be part of a text: a string is required. For lists and maps there are functions such as join and jsonencode.',
      ],
    ]);
  });

  it('in for-expressions', () => {
    told([
      [
        '[for x in 5 : x]',
        '1,11-12 Iteration over non-iterable value: "for" needs a list, a set, a map or an object; this is number.',
      ],
      [
        '[for x in null : x]',
        '1,11-15 Iteration over null value: This value is null. "for" needs a list, a set, a map or an object.',
      ],
      [
        '{for x in ["a", "a"] : x => 1}',
        '1,24-25 Duplicate object key: Two elements have the key "a". To collect the values of equal keys in lists, write "..." after the value.',
      ],
      [
        '[for x in [1] : x if 5]',
        `1,22-23 Invalid 'for' condition: The condition after "if" must be true or false: a bool is required.`,
      ],
      [
        '[for x in [1, 2] : x if null]',
        '1,25-29 Condition is null: The condition after "if" is null. It must be true or false.',
      ],
      ['[for x in [1, 2] : x if y]', '1,25-26 Unknown variable: There is no variable named "y".'],
      [
        '{for x in [[]] : x => 1}',
        '1,18-19 Invalid object key: This value cannot be a key: a string is required.',
      ],
    ]);
  });

  it('in objects', () => {
    told([
      ['{ (null) = 1 }', '1,3-9 Null value as key: Null cannot be a key.'],
      ['{ ([]) = 1 }', '1,3-7 Incorrect key type: This value cannot be a key: a string is required.'],
      [
        '{ local.name = 1 }',
        '1,3-13 Ambiguous attribute key: A key with dots can be read in two ways. Put it in quotes if it is a name, or in parentheses if it is a variable.',
      ],
    ]);
  });

  it('in function calls, at the argument', () => {
    told([
      [
        'upper()',
        '1,7-8 Not enough function arguments: upper(str) takes 1 argument. The argument "str" is missing.',
      ],
      ['upper("a", "b")', '1,12-15 Too many function arguments: upper(str) takes only 1 argument.'],
      [
        'upper(["a"])',
        '1,7-12 Invalid function argument: The argument "str" of upper is not suitable: a string is required.',
      ],
      [
        'upper(null)',
        '1,7-11 Invalid function argument: The argument "str" of upper is not suitable: The argument must not be null.',
      ],
      [
        'max("a"...)',
        '1,5-8 Invalid expanding argument value: The argument before "..." must be a list or a set.',
      ],
      ['max(null...)', '1,5-9 Invalid expanding argument value: The argument before "..." must not be null.'],
      [
        'convert(1, list)',
        '1,12-16 Invalid type specification: The type list needs the type of its elements, as in list(string).',
      ],
    ]);
    assert.equal(mistakesOf('replace([], {}, "a")', context).length, 2, 'all of them at once');
  });

  it('where only fixed values are allowed', () => {
    const summaries = ['a', 'a.b', 'upper("a")', '"a${1 + 1}"'].map((text) => {
      return parseExpression(text, 'test.hcl').value.evaluate().diagnostics[0]?.summary;
    });
    assert.deepEqual(summaries, [
      'Variables not allowed',
      'Variables not allowed',
      'Function calls not allowed',
      undefined,
    ]);
  });
});

describe('a mistake comes with', () => {
  it('the values of the variables in it, as far as they lead', () => {
    const values = (text: string) => evaluate(text, context).diagnostics[0]!.values;
    assert.deepEqual(values('local.name + 1'), [{ name: 'local.name', value: '"bob"' }]);
    assert.deepEqual(values('local.object.nested.zz'), [
      { name: 'local.object.nested', value: 'object with the attribute "deep"' },
    ]);
    assert.deepEqual(values('local.list[9]'), [
      { name: 'local.list', value: 'list of string with 2 elements' },
    ]);
    assert.deepEqual(values('[for i, x in local.list : x + i]'), [{ name: 'x', value: '"a"' }]);
    const long = evaluate('a + 1', contextOf({ a: v('x'.repeat(100)) })).diagnostics[0]!.values;
    assert.deepEqual(long, [{ name: 'a', value: `"${'x'.repeat(60)}…"` }]);
  });

  it('the name that was probably meant, on its own', () => {
    assert.equal(evaluate('local.nme', context).diagnostics[0]!.suggestion, 'name');
    assert.equal(evaluate('local.zzzzzz', context).diagnostics[0]!.suggestion, undefined);
  });
});

describe('many mistakes', () => {
  it('of one expression are told together', () => {
    assert.equal(mistakesOf('[a, b + 1, "x${c}", { k = d }]', contextOf()).length, 4);
  });

  it('that elements of a list share are told a few times', () => {
    const numbers = Array.from({ length: 1000 }, (_, index) => index).join(', ');
    const count = mistakesOf(`[for x in [${numbers}] : x + "a"]`, contextOf()).length;
    assert.ok(count > 0 && count < 10, `${count}`);
  });
});
