import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format } from '../format/format.ts';
import { parseConfig, parseExpression } from '../native/parse.ts';
import { Random } from '../testing/random.ts';
import { BigFloat } from '../values/big-float.ts';
import { sameValue } from '../values/equal.ts';
import { fromPlain, toPlain } from '../values/plain.ts';
import { setOf } from '../values/set.ts';
import { numberType, stringType } from '../values/type.ts';
import {
  capsuleValue,
  listValue,
  mapValue,
  nullValue,
  numberValue,
  stringValue,
  unknownValue,
  withMarks,
} from '../values/value.ts';
import { blockText, bodyText } from './block-text.ts';
import { hclCode, hclTemplate } from './code.ts';
import { hclText } from './hcl-text.ts';
import { type Writable, WriteError, type WriteOptions } from './writable.ts';

function evaluated(text: string) {
  const parsed = parseExpression(text, 'written');
  assert.deepEqual(parsed.diagnostics, [], text);
  const { value, diagnostics } = parsed.value.evaluate();
  assert.deepEqual(diagnostics, [], text);
  return value;
}

test('data is written as people write it', () => {
  assert.equal(hclText(null), 'null');
  assert.equal(hclText(-2.5), '-2.5');
  assert.equal(hclText(12345678901234567890n), '12345678901234567890');
  assert.equal(hclText(['a', true, []]), '["a", true, []]');
  assert.equal(
    hclText({ name: 'x', 'two words': 1, for: {}, left_out: undefined, list: [{ a: 1 }] }),
    [
      '{',
      '  name        = "x"',
      '  "two words" = 1',
      '  "for"       = {}',
      '  list = [',
      '    {',
      '      a = 1',
      '    },',
      '  ]',
      '}',
    ].join('\n'),
  );
});

test('a list stays on its line up to a length', () => {
  const long = ['a'.repeat(30), 'b'.repeat(30), 'c'.repeat(30)];
  assert.equal(hclText(long), `[\n${long.map((item) => `  "${item}",\n`).join('')}]`);
  assert.equal(hclText(long, { lineLength: 200 }), `["${long.join('", "')}"]`);
  assert.equal(hclText([{ a: 1 }], { lineLength: Infinity }), '[{\n  a = 1\n}]');
});

test('what would start a sequence or end the text is escaped', () => {
  assert.equal(
    hclText('${a} %{b} $${c} $d 5% "q" \\ \n\r\t\u0000é'),
    '"$${a} %%{b} $$${c} $d 5% \\"q\\" \\\\ \\n\\r\\t\\u0000é"',
  );
});

test('values of all kinds are written, with secrets', () => {
  assert.equal(hclText(listValue(stringType, [stringValue('a')])), '["a"]');
  assert.equal(hclText(setOf(numberType, [fromPlain(2), fromPlain(1)])), '[1, 2]');
  assert.equal(hclText(mapValue(numberType, [['b', fromPlain(1)]])), '{\n  b = 1\n}');
  assert.equal(hclText(nullValue(stringType)), 'null');
  assert.equal(hclText(withMarks(stringValue('secret'), new Set(['sensitive']))), '"secret"');
});

test('what the language has no words for is refused', () => {
  const refused: readonly Writable[] = [
    unknownValue(stringType),
    [numberValue(BigFloat.float(Infinity))],
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    { a: capsuleValue({ kind: 'capsule', name: 'type' }, 1) },
  ];
  for (const value of refused) assert.throws(() => hclText(value), WriteError);
  assert.throws(() => blockText({ type: 'two words' }), WriteError);
  assert.throws(() => blockText({ type: 'a', attributes: { '1b': 1 } }), /"1b" cannot be a name in HCL\./);
});

test('what was written is read as the same value', () => {
  for (let seed = 0; seed < 1500; seed++) {
    const random = new Random(seed);
    const value = fromPlain(randomData(random, 3));
    const options: WriteOptions = { lineLength: random.pick([20, 80, Infinity]), heredocs: seed % 2 === 0 };
    const text = hclText({ inside: { inside: value } }, options);
    assert.equal(format(text), text);
    assert.ok(sameValue(evaluated(text), fromPlain({ inside: { inside: toPlain(value) } })), text);
  }
});

type Data = null | boolean | number | string | Data[] | { [name: string]: Data };

function randomData(random: Random, depth: number): Data {
  const pieces = [
    'a',
    '$',
    '%',
    '{',
    '}',
    '"',
    '\\',
    '\n',
    '\n',
    ' ',
    '\t',
    '\r',
    'EOT',
    '\u2028',
    'é',
    '👍',
    '\u0007',
    '${',
    '~',
  ];
  const text = () => Array.from({ length: random.below(8) }, () => random.pick(pieces)).join('');
  switch (random.below(depth > 0 ? 8 : 5)) {
    case 0:
      return random.pick([null, true, false]);
    case 1:
      return (random.below(2 ** 31) - 2 ** 30) / 8;
    case 2:
    case 3:
      return text();
    case 4:
      return `${text()}\n${text()}\n`;
    case 5:
    case 6:
      return Array.from({ length: random.below(4) }, () => randomData(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(4) }, (_, index) => [
          `${text()}${index}`,
          randomData(random, depth - 1),
        ]),
      );
  }
}

test('texts of several lines become heredocs when asked for', () => {
  const text = 'echo one\n\n  echo ${two}\nEOT\n';
  assert.equal(
    bodyText(
      { attributes: { a: 1, script: text }, blocks: [{ type: 'b', attributes: { script: text } }] },
      { heredocs: true },
    ),
    [
      'a      = 1',
      'script = <<-EOT2',
      '  echo one',
      '',
      '    echo $${two}',
      '  EOT',
      'EOT2',
      '',
      'b {',
      '  script = <<-EOT2',
      '    echo one',
      '',
      '      echo $${two}',
      '    EOT',
      '  EOT2',
      '}',
      '',
    ].join('\n'),
  );
  assert.equal(hclText({ a: '  x\n  y\n' }, { heredocs: true }), '{\n  a = <<EOT\n  x\n  y\nEOT\n}');
  assert.equal(hclText({ a: 'x\r\ny\r\n' }, { heredocs: true }), '{\n  a = "x\\r\\ny\\r\\n"\n}');
});

test('code stands among data as it is', () => {
  const url = hclTemplate(['http://', hclCode('var.host'), ':$', hclCode('var.port'), '/${x}']);
  const text = bodyText({ attributes: { region: hclCode('var.region'), urls: [url] } });
  assert.equal(text, 'region = var.region\nurls   = ["http://${var.host}:${"$"}${var.port}/$${x}"]\n');
  const { value, diagnostics } = parseConfig(text, 'written');
  assert.deepEqual(diagnostics, []);
  const [first] = value.everything().attributes.get('urls')!.expression.asList()!;
  const variables = mapValue(stringType, [
    ['host', stringValue('h')],
    ['port', stringValue('80')],
  ]);
  const result = first!.evaluate({ variables: new Map([['var', variables]]), functions: new Map() });
  assert.deepEqual(toPlain(result.value), 'http://h:$80/${x}');
});

test('blocks are written with labels, comments and blocks in them', () => {
  const text = blockText({
    type: 'source',
    labels: ['qemu', 'the "base"'],
    comment: 'From a template.\n\nOf old.',
    attributes: { iso_url: 'x', left_out: undefined, disk_size: 40 },
    blocks: [
      { type: 'vnc' },
      { type: 'disk', attributes: { size: 1 }, blocks: [{ type: 'part', attributes: { number: 1 } }] },
    ],
  });
  assert.equal(
    text,
    [
      '# From a template.',
      '#',
      '# Of old.',
      'source "qemu" "the \\"base\\"" {',
      '  iso_url   = "x"',
      '  disk_size = 40',
      '',
      '  vnc {}',
      '',
      '  disk {',
      '    size = 1',
      '',
      '    part {',
      '      number = 1',
      '    }',
      '  }',
      '}',
      '',
    ].join('\n'),
  );
  assert.equal(bodyText({}), '');
  assert.equal(
    bodyText({ attributes: { a: 1 }, blocks: [{ type: 'b' }, { type: 'c' }] }, { blankLines: false }),
    'a = 1\nb {}\nc {}\n',
  );
});
