import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format } from '../format/format.ts';
import { randomDocument } from '../format/testing/random-document.ts';
import { Random } from '../testing/random.ts';
import { hclText } from '../write/hcl-text.ts';
import { editConfig } from './edit-config.ts';
import type { EditableBody } from './editable-body.ts';

/** The arguments and blocks of a body with the texts of the values. */
function outline(body: EditableBody): unknown {
  const values = body.attributes.map(({ name, valueText }) => [name, format(valueText)] as const);
  return {
    values: Object.fromEntries(values),
    blocks: body.blocks.map((block) => [block.type, block.labels, outline(block.body)]),
  };
}

function bodies(body: EditableBody): EditableBody[] {
  return [body, ...body.blocks.flatMap((block) => bodies(block.body))];
}

function change(random: Random, root: EditableBody): void {
  const body = random.pick(bodies(root));
  const value = random.pick([1, 'x\ny\n', ['a', 'b'], { k: { l: 1 } }]);
  const name = `n${random.below(20)}`;
  const [attribute, block] = [
    random.pick([undefined, ...body.attributes]),
    random.pick([undefined, ...body.blocks]),
  ];
  switch (random.below(6)) {
    case 0:
      attribute?.set(value, { heredocs: true });
      break;
    case 1:
      body.set(name, value, { heredocs: true });
      break;
    case 2:
      if (!body.attribute(name)) attribute?.rename(name);
      break;
    case 3:
      attribute?.remove();
      break;
    case 4:
      block?.remove();
      break;
    default:
      body.append(
        { type: 'new', labels: ['l'], comment: 'c', attributes: { v: value }, blocks: [{ type: 'in' }] },
        { heredocs: true },
      );
  }
}

test('a text without changes is the same text', () => {
  for (let seed = 0; seed < 500; seed++) {
    const text = randomDocument(seed);
    assert.equal(editConfig(text, 'test.hcl').value!.text(), text, `seed ${seed}`);
  }
});

test('after any changes the text says what the edited tree says', () => {
  for (let seed = 0; seed < 600; seed++) {
    const random = new Random(seed);
    const source = randomDocument(seed);
    const config = editConfig(seed % 2 === 0 ? format(source) : source, 'test.hcl').value!;
    for (let count = random.below(6); count >= 0; count--) change(random, config.body);
    const text = config.text();
    const again = editConfig(text, 'test.hcl');
    assert.deepEqual(again.diagnostics, [], `seed ${seed}:\n${text}`);
    assert.deepEqual(outline(again.value!.body), outline(config.body), `seed ${seed}`);
  }
});

test('a change of one value changes nothing else', () => {
  for (let seed = 0; seed < 300; seed++) {
    const text = randomDocument(seed);
    const config = editConfig(text, 'test.hcl').value!;
    const attribute = bodies(config.body).flatMap((body) => body.attributes)[0];
    if (!attribute || text === format(text)) continue;
    const [before, after] = [attribute.valueText, hclText(42)];
    attribute.set(42);
    const changed = config.text();
    let start = 0;
    while (changed[start] === text[start]) start++;
    const at = changed.lastIndexOf(after, start);
    assert.equal(text.slice(0, at) + before + text.slice(at + before.length), text);
    assert.equal(changed, text.slice(0, at) + after + text.slice(at + before.length), `seed ${seed}`);
  }
});
