import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from './evaluate.ts';
import { ExpressionError, isExpression, parseExpression, unescaped } from './expression.ts';

const scope = {
  deployment: {
    subscriptionId: 'sub',
    resourceGroup: 'team',
    location: 'westeurope',
    tenantId: 'tenant',
    now: new Date('2026-03-04T05:06:07.089Z'),
  },
  parameter: (name: string): unknown =>
    ({ name: 'web', count: 2, list: ['a', 'b'], it: { inner: { x: 1 } } })[name],
  variable: (name: string): unknown => `<${name}>`,
};

const value = (text: string) => evaluate(parseExpression(text), scope);

test('brackets around a whole text make it an expression, and two in front do not', () => {
  assert.deepEqual(['[a()]', '[[a]', 'a [b]', '[a] b'].map(isExpression), [true, false, false, false]);
  assert.equal(unescaped('[[ -e /x ]'), '[ -e /x ]');
});

test('functions give what Azure gives', () => {
  const cases: readonly [string, unknown][] = [
    ["[concat('it''s ', parameters('name'))]", "it's web"],
    ["[concat(parameters('list'), createArray('c'))]", ['a', 'b', 'c']],
    ["[format('{0}-{1}-{{x}}', parameters('name'), parameters('count'))]", 'web-2-{x}'],
    ["[parameters('it').inner.x]", 1],
    ["[parameters('it')['inner'].x]", 1],
    ["[parameters('list')[1]]", 'b'],
    ["[variables('Here')]", '<Here>'],
    ['[resourceGroup().location]', 'westeurope'],
    ['[subscription().subscriptionId]', 'sub'],
    [
      "[resourceId('Microsoft.Compute/galleries/images', 'g', 'd')]",
      '/subscriptions/sub/resourceGroups/team/providers/Microsoft.Compute/galleries/g/images/d',
    ],
    [
      "[resourceId('other', 'Microsoft.Compute/images', 'i')]",
      '/subscriptions/sub/resourceGroups/other/providers/Microsoft.Compute/images/i',
    ],
    [
      "[resourceId('s2', 'other', 'Microsoft.Compute/galleries/images/versions', 'g/d', '1.0.0')]",
      '/subscriptions/s2/resourceGroups/other/providers/Microsoft.Compute/galleries/g/images/d/versions/1.0.0',
    ],
    ["[if(equals(parameters('count'), 2), 'yes', parameters('missing').x)]", 'yes'],
    ["[toUpper(substring('abcdef', 1, 3))]", 'BCD'],
    ["[join(split('a,b', ','), '-')]", 'a-b'],
    ['[string(add(1, mul(2, 3)))]', '7'],
    ["[utcNow('yyyy-MM-dd')]", '2026-03-04'],
    ['[utcNow()]', '20260304T050607Z'],
    ["[length(uniqueString('x'))]", 13],
    ["[empty('')]", true],
    ["[contains(parameters('list'), 'b')]", true],
    ["[coalesce(null(), 'x')]", 'x'],
    ["[replace(toLower('A-B'), '-', '')]", 'ab'],
  ];
  for (const [text, expected] of cases) assert.deepEqual(value(text), expected, text);
});

test('mistakes in expressions say what is wrong', () => {
  const cases: readonly [string, RegExp][] = [
    ["[concat('a']", /has its end where "\)" is expected/],
    ["[concat('a)]", /a text in the expression has no end/],
    ['[ -e /tmp/x ]', /has "-" where a name is expected/],
    ['[nothing]', /where "\(" is expected/],
    ["[reference('x').id]", /does not know the function reference\(\)/],
    ["[toLowr('x')]", /does not know the function toLowr\(\)/],
    ["[parameters('it').outer]", /there is no "\.outer"/],
    ["[resourceId('Microsoft.Compute/galleries/images', 'g')]", /needs 2 names, and there are 1/],
    ["[toLower(parameters('list'))]", /needs a text/],
    [`[${'not('.repeat(200)}true()${')'.repeat(200)}]`, /nested too deeply/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => value(text),
      (error) => error instanceof ExpressionError && message.test(error.message),
      text,
    );
  }
});
