import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BodySchema, Read } from '../body.ts';
import { rangeText } from '../diagnostics/range.ts';
import { parseConfig } from './parse.ts';

const text = `name = "x"
size = 1

disk "a" {
  size = 2
}
disk "b" {}
net {
  card "c" "d" {}
}
`;

function body() {
  const { value, diagnostics } = parseConfig(text, 'f.hcl');
  assert.deepEqual(diagnostics, []);
  return value;
}

function told({ diagnostics }: Read<unknown>): string[] {
  return diagnostics.map(({ subject, summary, detail }) => `${rangeText(subject)} ${summary}: ${detail}`);
}

const everything: BodySchema = {
  attributes: [{ name: 'name', required: true }, { name: 'size' }, { name: 'colour' }],
  blocks: [{ type: 'disk', labels: ['name'] }, { type: 'net' }],
};

describe('a body gives', () => {
  it('what a schema names', () => {
    const read = body().content(everything);
    assert.deepEqual(told(read), []);
    assert.deepEqual([...read.value.attributes.keys()], ['name', 'size']);
    assert.deepEqual(
      read.value.blocks.map(({ type, labels }) => [type, ...labels]),
      [['disk', 'a'], ['disk', 'b'], ['net']],
    );
  });

  it('mistakes for what the schema does not name, with what was meant', () => {
    const read = body().content({
      attributes: [{ name: 'nmae' }, { name: 'net' }],
      blocks: [{ type: 'dsk' }, { type: 'size' }],
    });
    assert.deepEqual(told(read), [
      'f.hcl:1,1-5 Unsupported argument: There is no argument "name" here. Did you mean "nmae"?',
      'f.hcl:2,1-5 Unsupported argument: There is no argument "size" here. To write a block "size", leave out the equals sign.',
      'f.hcl:4,1-5 Unsupported block type: There are no blocks "disk" here. Did you mean "dsk"?',
      'f.hcl:7,1-5 Unsupported block type: There are no blocks "disk" here. Did you mean "dsk"?',
      'f.hcl:8,1-4 Unsupported block type: There are no blocks "net" here. To set the argument "net", write an equals sign after its name.',
    ]);
    assert.equal(read.diagnostics[0]!.suggestion, 'nmae');
  });

  it('mistakes for arguments that are missing', () => {
    const read = body().content({
      ...everything,
      attributes: [...everything.attributes!, { name: 'os', required: true }],
    });
    assert.deepEqual(told(read), [
      'f.hcl:1,1-1 Missing required argument: The argument "os" is required here, but it is not set.',
    ]);
  });

  it('mistakes for labels that are too many or too few', () => {
    const read = body().content({
      ...everything,
      blocks: [{ type: 'disk' }, { type: 'net', labels: ['kind', 'name'] }],
    });
    assert.deepEqual(told(read), [
      'f.hcl:4,6-9 Extraneous label for disk: A block "disk" has no labels.',
      'f.hcl:7,6-9 Extraneous label for disk: A block "disk" has no labels.',
      'f.hcl:8,1-4 Missing kind for net: A block "net" has 2 labels: kind, name.',
    ]);
    assert.deepEqual(read.value.blocks, []);
  });

  it('the rest, when only a part was asked for', () => {
    const first = body().partialContent({
      attributes: [{ name: 'name' }],
      blocks: [{ type: 'disk', labels: ['name'] }],
    });
    assert.deepEqual(told(first), []);
    assert.deepEqual(first.value.blocks.length, 2);
    const second = first.rest.content({ attributes: [{ name: 'size' }], blocks: [{ type: 'net' }] });
    assert.deepEqual(told(second), []);
    assert.deepEqual([...second.value.attributes.keys()], ['size']);
    const { rest } = first.rest.partialContent({ attributes: [{ name: 'size' }] });
    assert.deepEqual(told(rest.content({})), [
      'f.hcl:8,1-4 Unsupported block type: There are no blocks "net" here.',
    ]);
    assert.deepEqual(
      told(
        first.rest.content({
          attributes: [{ name: 'name', required: true }, { name: 'size' }],
          blocks: [{ type: 'net' }],
        }),
      ),
      ['f.hcl:1,1-1 Missing required argument: The argument "name" is required here, but it is not set.'],
    );
    const empty = rest.everything();
    assert.deepEqual([[...empty.attributes.keys()], empty.blocks.map(({ type }) => type)], [[], ['net']]);
  });

  it('only arguments, when blocks have no place in it', () => {
    const read = body().justAttributes();
    assert.deepEqual([...read.value.keys()], ['name', 'size']);
    assert.deepEqual(told(read), [
      'f.hcl:4,1-5 Unexpected "disk" block: Only arguments with values can stand here, no blocks.',
    ]);
  });

  it('everything, without a schema', () => {
    const { attributes, blocks } = body().everything();
    assert.deepEqual([...attributes.keys()], ['name', 'size']);
    assert.deepEqual(
      blocks.map(({ type }) => type),
      ['disk', 'disk', 'net'],
    );
    assert.deepEqual(blocks[2]!.body.everything().blocks[0]!.labels, ['c', 'd']);
  });
});
