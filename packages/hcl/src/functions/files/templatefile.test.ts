import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeJson } from '../../values/json.ts';
import { sensitiveMark } from '../../values/value.ts';
import type { HclFunction } from '../function.ts';
import { packerFunctions } from '../index.ts';
import { systemHost } from '../system-host.ts';
import { evaluateText } from '../testing/evaluate.ts';

let folder: string;
let functions: ReadonlyMap<string, HclFunction>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hcl-templates-'));
  functions = packerFunctions(systemHost({ baseFolder: folder, startedAt: new Date() }));
});

after(() => rm(folder, { recursive: true }));

async function render(template: string, variables: string) {
  await writeFile(join(folder, 't.tftpl'), template);
  return evaluateText(`templatefile("t.tftpl", ${variables})`, functions);
}

test('a template sees its variables and all functions', async () => {
  const list = await render('%{ for x in list ~}\n- ${upper(x)}\n%{ endfor ~}\n', '{ list = ["a", "b"] }');
  assert.equal(encodeJson(list.value), '"- A\\n- B\\n"');
  const { value } = await render('${jsonencode({ a = n })}', '{ n = 1 }');
  assert.equal(encodeJson(value), '"{\\"a\\":1}"');
});

test('a template of one interpolation gives a value of any type', async () => {
  assert.equal(encodeJson((await render('${list}', '{ list = [1, 2] }')).value), '[1,2]');
});

test('secrets among the variables make the result secret, and unknown ones make it unknown', async () => {
  assert.ok((await render('x${a}', '{ a = secret }')).value.marks.has(sensitiveMark));
  assert.equal((await render('x${a}', '{ a = unknown_string }')).value.kind, 'unknown');
});

test('what is wrong is said with its place', async () => {
  const problems: readonly (readonly [string, string, RegExp])[] = [
    ['x\n${b}', '{ a = 1 }', /uses the variable "b" \(t\.tftpl:2,3-4\), which is not given/],
    ['${', '{}', /t\.tftpl:1,/],
    ['${upper()}', '{}', /t\.tftpl:1,.*Not enough function arguments/],
    ['${templatefile("t.tftpl", {})}', '{}', /cannot call templatefile itself/],
    ['x', '{ "a b" = 1 }', /"a b" cannot be the name of a variable/],
    ['x', '["a"]', /must be a map or an object/],
  ];
  for (const [template, variables, message] of problems) {
    assert.match((await render(template, variables)).error ?? '', message);
  }
  assert.match(evaluateText('templatefile("none", {})', functions).error ?? '', /There is no file/);
});
