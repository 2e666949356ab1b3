import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { parseConfig } from '../native/parse.ts';
import { localsContext } from '../testing/evaluate.ts';
import { localsTemplate } from '../testing/expressions.ts';
import { packerConsole, packerMissing } from '../testing/packer-console.ts';
import { encodeJson } from '../values/json.ts';

/** Heredocs and their texts. */
const heredocs: readonly (readonly [source: string, text: string])[] = [
  ['<<E\na\n  b\nE', 'a\n  b\n'],
  ['<<E\n\nE', '\n'],
  ['<<E\nE', ''],
  ['<<-E\n    a\n      b\n    E', 'a\n  b\n'],
  ['<<-E\n    a\n\n  b\n    E', '  a\n\nb\n'],
  ['<<-E\n\ta\n\t\tb\n  E', 'a\n\tb\n'],
  ['<<-E\n    ${local.name}\n      b\n  E', 'bob\n  b\n'],
  ['<<-E\n${local.name}\n      b\n  E', 'bob\n      b\n'],
  ['<<-E\n    a ${local.name}\n      b\n  E', 'a bob\n  b\n'],
  ['<<-E\n    %{ if true }\n      b\n    %{ endif }\n  E', '\n  b\n\n'],
  ['<<-E\n    %{ if true ~}\n      b\n    %{ endif ~}\n  E', '      b\n'],
  ['<<E\n%{ for x in local.list ~}\n- ${x}\n%{ endfor ~}\nend\nE', '- a\n- b\nend\n'],
  ['<<E\n%{ for i, x in local.list }${i}=${x} %{ endfor }\nE', '0=a 1=b \n'],
  ['<<E\n$${a} %%{b} \\n "q"\nE', '${a} %{b} \\n "q"\n'],
  ['<<E\na ${~ " b " ~} c\nE', 'a b c\n'],
  ['<<E\na\n${~ "b" ~}\nc\nE', 'abc\n'],
  ['<<E\n  ${~ "b" }\nE', 'b\n'],
  ['<<E\n${<<F\ninner\nF\n}outer\nE', 'inner\nouter\n'],
  ['<<E\n${upper(<<F\ninner\nF\n)}E\nE', 'INNER\nE\n'],
  ['"${~ " a " ~}"', ' a '],
  ['"x\\n ${~ "y" ~} \\n z"', 'xyz'],
  ['"%{ if true ~} a %{~ else ~} b %{~ endif }"', 'a'],
  ['"%{ if false ~} a %{~ else ~} b %{~ endif }"', 'b'],
  ['"%{ for x in local.list ~} ${x} %{~ endfor }"', 'ab'],
  ['"a%{ if true }${~ " b" }%{ endif }"', 'a b'],
];

const template = `${localsTemplate}locals {\n${heredocs.map(([source], index) => `  t${index} = ${source}\n`).join('')}}\n`;

describe('text with sequences', () => {
  it('has the white space that the specification says', () => {
    const context = localsContext();
    const { value, diagnostics } = parseConfig(template, 'test.pkr.hcl');
    assert.deepEqual(diagnostics, []);
    const { attributes } = value.everything().blocks[1]!.body.everything();
    for (const [index, [source, text]] of heredocs.entries()) {
      const result = attributes.get(`t${index}`)!.expression.evaluate(context);
      assert.ok(!hasErrors(result.diagnostics), source);
      assert.equal(encodeJson(result.value), JSON.stringify(text), source);
    }
  });

  it('has the same in Packer', { skip: packerMissing }, () => {
    const names = heredocs.map((_, index) => `local.t${index}`).join(', ');
    const answers: unknown = JSON.parse(packerConsole(`jsonencode([${names}])`, template));
    assert.deepEqual(
      answers,
      heredocs.map(([, text]) => text),
    );
  });
});
