import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { packerConsole, packerMissing } from '../testing/packer-console.ts';
import { Random } from '../testing/random.ts';
import { secret, v } from '../testing/values.ts';
import { toHclText } from './hcl-text.ts';
import { encodeJson } from './json.ts';
import type { Plain } from './plain.ts';
import { setOf } from './set.ts';
import { stringType } from './type.ts';
import { capsuleValue, tupleValue, unknownValue, type Value } from './value.ts';

describe('a value as HCL', () => {
  const table: [string, Value, string][] = [
    ['strings', v('a"b\\\n\r\t\u0001\u2028é'), '"a\\"b\\\\\\n\\r\\t\\u0001\\u2028é"'],
    ['what looks like a template', v('${a} %{b} $${c} $ { %'), '"$${a} %%{b} $$${c} $ { %"'],
    ['half a pair', v('\udc00'), '"\ufffd"'],
    [
      'numbers',
      v([1, -0.5, 1e30, 1e100, -1e-100]),
      '[1, -0.5, 1000000000000000000000000000000, 1e100, -1e-100]',
    ],
    ['a large round number', v(10n ** 100n), '1e100'],
    ['a small number', v(1e-70), '1e-70'],
    [
      'infinity',
      v([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
      '[<infinity>, <negative infinity>]',
    ],
    ['null and bools', v([null, true, false]), '[null, true, false]'],
    ['sets', setOf(stringType, [v('b'), v('a')]), '["a", "b"]'],
    ['empty things', v([[], {}]), '[[], {}]'],
    [
      'objects',
      v({
        a: 1,
        long_name: 'x',
        'b c': [],
        for: 1,
        null: 2,
        true: 3,
        false: 4,
        ünï: 5,
        '1a': 6,
        'a-b': 7,
        '': 8,
      }),
      '{\n  ""        = 8\n  "1a"      = 6\n  a         = 1\n  a-b       = 7\n  "b c"     = []\n  "false"   = 4\n  "for"     = 1\n' +
        '  long_name = "x"\n  "null"    = 2\n  "true"    = 3\n  ünï       = 5\n}',
    ],
    [
      'nested objects',
      v({ a: 1, bcd: { x: [{ y: 1 }] }, e: 2 }),
      '{\n  a = 1\n  bcd = {\n    x = [\n      {\n        y = 1\n      },\n    ]\n  }\n  e = 2\n}',
    ],
    [
      'long lists',
      v(['a'.repeat(40), 'b'.repeat(40)]),
      `[\n  "${'a'.repeat(40)}",\n  "${'b'.repeat(40)}",\n]`,
    ],
    [
      'what it cannot say',
      tupleValue([unknownValue(stringType), capsuleValue({ kind: 'capsule', name: 'thing' }, 1)]),
      '[<unknown>, <thing>]',
    ],
    ['secrets', tupleValue([secret('x'), v('y')]), '[<sensitive>, "y"]'],
  ];
  for (const [name, value, text] of table) {
    it(`has ${name}`, () => {
      assert.equal(toHclText(value), text);
    });
  }

  it('has its secrets when they are asked for', () => {
    assert.equal(toHclText(tupleValue([secret('x')]), { secrets: true }), '["x"]');
  });
});

describe('HCL that was written', () => {
  const names = ['a', 'long_name', 'b c', 'for', 'null', 'true', 'ünï', 'a-b', '', '1', '${x}', 'é"'];
  const any = (random: Random, depth: number): Plain => {
    switch (random.below(depth > 3 ? 4 : 7)) {
      case 0:
        return random.pick([null, true, false]);
      case 1:
        return random.pick([random.below(1000), random.bigint(200), 10n ** 80n, -(5n ** 20n)]);
      case 2:
        return random.pick([0.1, -2.5e-9, 1e-70, 123.456, 7e80]);
      case 3:
        return random.pick([
          '',
          'x',
          '${a} %{b} $${c}',
          '$',
          '%',
          '"\\',
          'a\nb',
          '\t\u0001',
          'é\u{1f600}',
          '$${',
          '%%{',
        ]);
      case 4:
        return Array.from({ length: random.below(5) }, () => any(random, depth + 1));
      default:
        return Object.fromEntries(
          Array.from({ length: random.below(5) }, () => [random.pick(names), any(random, depth + 1)]),
        );
    }
  };
  const samples = () => {
    const random = new Random(51);
    return v(Array.from({ length: 200 }, () => any(random, 0)));
  };

  it('is read by Packer as the same value', { skip: packerMissing }, () => {
    const value = samples();
    const read = packerConsole('jsonencode(local.written)', `locals {\n  written = ${toHclText(value)}\n}\n`);
    assert.equal(read, encodeJson(value));
  });

  it('is formatted already, says Packer', { skip: packerMissing }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'hcl-text-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'values.pkrvars.hcl');
    const text = `written = ${toHclText(samples())}\n`;
    writeFileSync(file, text);
    const done = spawnSync('packer', ['fmt', file], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(done.status, 0);
    assert.equal(readFileSync(file, 'utf8'), text);
  });
});
