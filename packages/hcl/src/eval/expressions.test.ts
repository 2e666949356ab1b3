import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { evaluate, localsContext } from '../testing/evaluate.ts';
import { expressionCases, invalidExpressions, localsTemplate } from '../testing/expressions.ts';
import { packerConsole, packerMissing } from '../testing/packer-console.ts';
import { randomExpression } from '../testing/random-expression.ts';
import { encodeJson } from '../values/json.ts';
import { isWhollyKnown } from '../values/walk.ts';

const context = localsContext();

function outcome(expression: string): string | undefined {
  const { value, diagnostics } = evaluate(expression, context);
  if (hasErrors(diagnostics)) return undefined;
  return isWhollyKnown(value) ? encodeJson(value) : 'unknown';
}

describe('expressions give the values that the specification says', () => {
  for (const [group, cases] of Object.entries(expressionCases)) {
    it(group, () => {
      for (const [expression, json] of cases) assert.equal(outcome(expression), json, expression);
    });
  }

  it('and what is no expression is refused', () => {
    for (const expression of invalidExpressions) assert.equal(outcome(expression), undefined, expression);
  });
});

/** Where Packer 1.6.6, with its hcl of 2020, does not agree, and why. */
const differences: Readonly<Record<string, string>> = {
  null: 'its jsonencode refuses null',
  'true ? null : 1': 'its jsonencode refuses null',
  '"${null}"': 'its jsonencode refuses null',
  'convert(null, string)': 'its jsonencode refuses null',
  'null[*]': 'a plain null gives an empty list in newer hcl',
  'null.*': 'a plain null gives an empty list in newer hcl',
  '10 % 0.3': 'it rounds the product to 64 bits; newer go-cty keeps the precision of the numbers',
  'can(1 / 0)': 'it divides by zero and gives infinity; we say that it is a mistake',
  'try(1 / 0, local.nothing, 3)': 'it divides by zero and gives infinity; we say that it is a mistake',
  '1 % 0': 'it divides by zero; we say that it is a mistake',
  'null && true': 'null counts as false where one side decides since hcl 2.24',
  'null && false': 'null counts as false where one side decides since hcl 2.24',
  'true && null': 'null counts as false where one side decides since hcl 2.24',
  'null || true': 'null counts as false where one side decides since hcl 2.24',
  'true || null': 'null counts as false where one side decides since hcl 2.24',
};

describe('packer console agrees', { skip: packerMissing }, () => {
  it('on the values of all expressions but those with a known difference', () => {
    const all = Object.values(expressionCases).flat();
    const told = all.map(([expression]) => expression).filter((expression) => !differences[expression]);
    const list = told.map((expression) => `try(jsonencode(${expression}), "refused")`).join(', ');
    const answers: unknown = JSON.parse(packerConsole(`jsonencode([${list}])`, localsTemplate));
    assert.ok(Array.isArray(answers));
    assert.equal(answers.length, told.length);
    for (const [index, expression] of told.entries()) {
      const ours = outcome(expression);
      assert.equal(answers[index], ours ?? 'refused', expression);
    }
  });

  it('that a third of these are no expressions, which takes a process each', () => {
    for (const expression of invalidExpressions.filter((_, index) => index % 3 === 0)) {
      assert.match(packerConsole(expression, localsTemplate), /Error|error/, expression);
    }
  });

  it('about known differences only where they are expressions of the list', () => {
    const known = new Set(
      Object.values(expressionCases).flatMap((cases) => cases.map(([expression]) => expression)),
    );
    for (const expression of Object.keys(differences)) assert.ok(known.has(expression), expression);
  });
});

it('random expressions have the values that packer console gives them', { skip: packerMissing }, () => {
  const expressions = Array.from({ length: 600 }, (_, seed) => randomExpression(seed));
  for (let from = 0; from < expressions.length; from += 150) {
    const batch = expressions.slice(from, from + 150);
    const list = batch.map((expression) => `try(jsonencode(${expression}), "refused")`).join(', ');
    const answers: unknown = JSON.parse(packerConsole(`jsonencode([${list}])`, localsTemplate));
    assert.ok(Array.isArray(answers));
    for (const [index, expression] of batch.entries()) {
      const ours = outcome(expression) ?? 'refused';
      // Mistakes on the side of && and || that does not matter are passed over since hcl 2.24.
      const isOld = answers[index] === 'refused' && /&&|\|\|/.test(expression);
      if (!isOld) assert.equal(answers[index], ours, `seed ${from + index}: ${expression}`);
    }
  }
});
