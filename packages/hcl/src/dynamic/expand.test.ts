import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Body, BodySchema, Read } from '../body.ts';
import { rangeText } from '../diagnostics/range.ts';
import { parseJsonConfig } from '../json/parse.ts';
import { parseConfig } from '../native/parse.ts';
import { contextOf } from '../testing/evaluate.ts';
import { secret, v } from '../testing/values.ts';
import { toHclText } from '../values/hcl-text.ts';
import { dynamicType } from '../values/type.ts';
import { unknownValue } from '../values/value.ts';
import { expandDynamic } from './expand.ts';
import { BodyVariables, bodyVariables } from './variables.ts';

const context = contextOf({
  names: v(['a', 'b']),
  ports: v({ http: 80, ssh: 22 }),
  later: unknownValue(dynamicType),
  secrets: secret(['s']),
  outer: v('from outside'),
});

function parse(text: string): Body {
  const { value, diagnostics } = parseConfig(text, 'f.hcl');
  assert.deepEqual(diagnostics, []);
  return value;
}

/** The blocks of a body as texts, all of their arguments evaluated. */
function shown(body: Body): string[] {
  return body.everything().blocks.map(({ type, labels, body: inner }) => {
    const { attributes } = inner.everything();
    const values = [...attributes.values()].map(({ name, expression }) => {
      const { value, diagnostics } = expression.evaluate(context);
      assert.deepEqual(diagnostics, []);
      return `${name}=${toHclText(value, { secrets: true })}${[...value.marks].map((mark) => `!${mark}`).join('')}`;
    });
    return `${[type, ...labels].join(' ')}(${[...values, ...shown(inner)].join(' ')})`;
  });
}

function expanded(text: string): string[] {
  return shown(expandDynamic(parse(text), context));
}

function told({ diagnostics }: Read<unknown>): string[] {
  return diagnostics.map(({ subject, summary, detail }) => `${rangeText(subject)} ${summary}: ${detail}`);
}

describe('dynamic blocks', () => {
  it('make a block for each element, in their place', () => {
    const text = `
disk { n = 0 }
dynamic "disk" {
  for_each = names
  content { n = "\${disk.key}\${disk.value}" }
}
disk { n = 9 }
`;
    assert.deepEqual(expanded(text), ['disk(n=0)', 'disk(n="0a")', 'disk(n="1b")', 'disk(n=9)']);
  });

  it('go through maps and sets, and through nothing', () => {
    const make = (list: string) =>
      expanded(`dynamic "p" {\n  for_each = ${list}\n  content { v = [p.key, p.value] }\n}\n`);
    assert.deepEqual(make('ports'), ['p(v=["http", 80])', 'p(v=["ssh", 22])']);
    assert.deepEqual(make('convert(names, set(string))'), ['p(v=["a", "a"])', 'p(v=["b", "b"])']);
    assert.deepEqual(make('[]'), []);
  });

  it('have an iterator of any name, and labels made from it', () => {
    const text = `
dynamic "x" {
  for_each = names
  iterator = it
  labels = ["\${it.value}1", it.key]
  content { v = it.value }
}
`;
    assert.deepEqual(expanded(text), ['x a1 0(v="a")', 'x b1 1(v="b")']);
  });

  it('may stand inside of each other, the inner with the elements of the outer', () => {
    const text = `
dynamic "x" {
  for_each = names
  content {
    y { o = outer }
    dynamic "z" {
      for_each = { (x.value) = 1 }
      content { v = "\${x.value}\${z.key}" }
    }
  }
}
`;
    assert.deepEqual(expanded(text), [
      'x(y(o="from outside") z(v="aa"))',
      'x(y(o="from outside") z(v="bb"))',
    ]);
  });

  it('hide variables of the same name only inside', () => {
    const text = 'dynamic "outer" {\n  for_each = [outer]\n  content { v = outer.value }\n}\n';
    assert.deepEqual(expanded(text), ['outer(v="from outside")']);
  });

  it('make one block of unknown values while the list is not known', () => {
    const text = `
dynamic "x" {
  for_each = later
  content {
    v = 1
    y { w = 2 }
  }
}
`;
    const body = expandDynamic(parse(text), context);
    assert.deepEqual(shown(body), ['x(v=<unknown> y(w=<unknown>))']);
    const [block] = body.everything().blocks;
    assert.equal(block?.body.unknown, true);
    assert.equal(
      block.body.content({ attributes: [{ name: 'v' }], blocks: [{ type: 'y' }] }).value.blocks[0]?.body
        .unknown,
      true,
    );
  });

  it('pass the marks of the list on to all values', () => {
    const text = 'dynamic "x" {\n  for_each = secrets\n  content {\n    v = x.value\n    w = 1\n  }\n}\n';
    assert.deepEqual(expanded(text), ['x(v="s"!sensitive w=1!sensitive)']);
  });

  it('in JSON need a schema, as all blocks do', () => {
    const text = '{"dynamic": {"x": {"for_each": ["a", "b"], "content": {"v": "${x.value}"}}}}';
    const body = expandDynamic(parseJsonConfig(text, 'f.json').value, context);
    const { value, diagnostics } = body.content({ blocks: [{ type: 'x' }] });
    assert.deepEqual(diagnostics, []);
    const values = value.blocks.map(({ body: inner }) => {
      return toHclText(inner.justAttributes().value.get('v')!.expression.evaluate(context).value);
    });
    assert.deepEqual(values, ['"a"', '"b"']);
  });
});

describe('a body with dynamic blocks gives', () => {
  const text = `
a = 1
dynamic "x" {
  for_each = names
  labels   = [x.value]
  content {
    v = x.key
  }
}
y {}
`;
  const schema: BodySchema = {
    attributes: [{ name: 'a' }],
    blocks: [{ type: 'x', labels: ['name'] }, { type: 'y' }],
  };

  it('what a schema names', () => {
    const read = expandDynamic(parse(text), context).content(schema);
    assert.deepEqual(told(read), []);
    assert.deepEqual(
      read.value.blocks.map(({ type, labels }) => [type, ...labels]),
      [['x', 'a'], ['x', 'b'], ['y']],
    );
  });

  it('mistakes for blocks that a schema does not have', () => {
    const read = expandDynamic(parse(text), context).content({ ...schema, blocks: [{ type: 'y' }] });
    assert.deepEqual(told(read), [
      'f.hcl:3,9-12 Unsupported block type: There are no blocks "x" here, so a dynamic block cannot make any.',
    ]);
  });

  it('the rest, when only a part was asked for', () => {
    const first = expandDynamic(parse(text), context).partialContent({
      attributes: [{ name: 'a' }],
      blocks: [{ type: 'y' }],
    });
    assert.deepEqual(told(first), []);
    assert.deepEqual(first.value.blocks.length, 1);
    const second = first.rest.content({ blocks: [{ type: 'x', labels: ['name'] }] });
    assert.deepEqual(told(second), []);
    assert.deepEqual(
      second.value.blocks.map(({ labels }) => labels),
      [['a'], ['b']],
    );
    assert.deepEqual(shown(first.rest), ['x a(v=0)', 'x b(v=1)']);
  });

  it('mistakes for dynamic blocks that are not right', () => {
    const cases: readonly (readonly [inside: string, mistake: string])[] = [
      [
        'content {}',
        'f.hcl:1,13-13 Missing required argument: The argument "for_each" is required here, but it is not set.',
      ],
      [
        'for_each = []',
        'f.hcl:1,13-13 Missing dynamic content block: A dynamic block needs a block "content", which holds what each block that it makes contains.',
      ],
      [
        'for_each = []\ncontent {}\ncontent {}',
        'f.hcl:4,1-8 Extraneous dynamic content block: A dynamic block has one block "content" only.',
      ],
      [
        'for_each = 5\ncontent {}',
        'f.hcl:2,12-13 Invalid dynamic for_each value: The value of for_each must be a list, a set, a map or an object; this is number.',
      ],
      [
        'for_each = null\ncontent {}',
        'f.hcl:2,12-16 Invalid dynamic for_each value: The value of for_each must be a list, a set, a map or an object; this is null.',
      ],
      [
        'for_each = nmes\ncontent {}',
        'f.hcl:2,12-16 Unknown variable: There is no variable named "nmes". Did you mean "names"?',
      ],
      [
        'for_each = []\niterator = "x"\ncontent {}',
        'f.hcl:3,12-15 Invalid dynamic iterator name: The iterator is the name of a variable: a plain name without quotes.',
      ],
      [
        'for_each = []\nlabels = ["x"]\ncontent {}',
        'f.hcl:3,1-7 Unsupported argument: There is no argument "labels" here.',
      ],
      [
        'for_each = []\nfoo = 1\ncontent {}',
        'f.hcl:3,1-4 Unsupported argument: There is no argument "foo" here.',
      ],
    ];
    for (const [inside, mistake] of cases) {
      const body = parse(`dynamic "x" {\n${inside}\n}\n`);
      assert.deepEqual(
        told(expandDynamic(body, context).content({ blocks: [{ type: 'x' }] })),
        [mistake],
        inside,
      );
    }
  });

  it('mistakes for labels that are not right', () => {
    const cases: readonly (readonly [labels: string, mistake: string])[] = [
      [
        '',
        'f.hcl:1,1-12 Insufficient dynamic block labels: A block "x" has 1 label, so "labels" is needed here.',
      ],
      ['labels = []', 'f.hcl:3,10-12 Insufficient dynamic block labels: A block "x" has 1 label.'],
      ['labels = ["a", "b"]', 'f.hcl:3,16-19 Extraneous dynamic block label: A block "x" has 1 label.'],
      [
        'labels = names',
        'f.hcl:3,10-15 Invalid dynamic block labels: The labels are a list written out in brackets.',
      ],
      ['labels = [null]', 'f.hcl:3,11-15 Invalid dynamic block label: A label must not be null.'],
      [
        'labels = [later]',
        'f.hcl:3,11-16 Invalid dynamic block label: This value is not known yet. The labels of blocks must be known from the start.',
      ],
      ['labels = [[]]', 'f.hcl:3,11-13 Invalid dynamic block label: A label is text: a string is required.'],
      [
        'labels = [secrets[0]]',
        'f.hcl:3,11-21 Invalid dynamic block label: A label is shown to everybody, so it cannot be sensitive.',
      ],
    ];
    for (const [labels, mistake] of cases) {
      const body = parse(`dynamic "x" {\nfor_each = names\n${labels}\ncontent {}\n}\n`);
      const read = expandDynamic(body, context).content({ blocks: [{ type: 'x', labels: ['name'] }] });
      assert.deepEqual(told(read), [mistake], labels);
    }
  });
});

describe('the variables of a body with dynamic blocks', () => {
  const text = `
a = v1
dynamic "x" {
  for_each = v2
  labels   = [x.value, v3]
  content {
    b = "\${x.key}\${v4}"
    dynamic "y" {
      for_each = x.value.list
      iterator = it
      content { c = [it.value, x.value, y, v5] }
    }
  }
}
z { d = v6 }
`;

  it('are those of all its parts without the iterators', () => {
    assert.deepEqual(
      bodyVariables(parse(text)).map(({ root }) => root),
      ['v1', 'v2', 'v3', 'v4', 'y', 'v5', 'v6'],
    );
  });

  it('for the expansion alone are fewer', () => {
    assert.deepEqual(
      bodyVariables(parse(text), 'expansion').map(({ root }) => root),
      ['v2', 'v3'],
    );
  });

  it('are found level by level with schemas, also in JSON', () => {
    const json =
      '{"a": "${v1}", "dynamic": {"x": {"for_each": "${v2}", "content": {"b": "${x.key}${v4}"}}}, "z": {"d": "${v6}"}}';
    const top = new BodyVariables(parseJsonConfig(json, 'f.json').value).visit({
      attributes: [{ name: 'a' }],
      blocks: [{ type: 'x' }, { type: 'z' }],
    });
    assert.deepEqual(
      top.variables.map(({ root }) => root),
      ['v1', 'v2'],
    );
    const below = top.children.map(({ type, variables }) => {
      const inner = variables.visit({ attributes: [{ name: 'b' }, { name: 'd' }] });
      return [type, ...inner.variables.map(({ root }) => root)];
    });
    assert.deepEqual(below, [
      ['x', 'v4'],
      ['z', 'v6'],
    ]);
  });
});
