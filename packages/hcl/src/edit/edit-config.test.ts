import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hclCode } from '../write/code.ts';
import { WriteError } from '../write/writable.ts';
import { type EditableConfig, editConfig } from './edit-config.ts';

function edited(text: string, change: (config: EditableConfig) => void): string {
  const { value, diagnostics } = editConfig(text, 'test.hcl');
  assert.deepEqual(diagnostics, []);
  change(value!);
  return value!.text();
}

test('a value is replaced, and comments and layout stay', () => {
  const before = '# size\nsize  =  10 # in GB\n\n\nname=  [ "a",  # first\n"b" ]   // names\n';
  const after = edited(before, ({ body }) => {
    body.attribute('size')!.set(20);
    body.attribute('name')!.set(hclCode('var.names'));
  });
  assert.equal(after, '# size\nsize  =  20 # in GB\n\n\nname=  var.names   // names\n');
});

test('a text in the canonical style stays in it', () => {
  const before = 'a = 1 # x\nb = 2 # y\n';
  const after = edited(before, ({ body }) => {
    body.attribute('a')!.set('longer');
    body.attribute('b')!.rename('long_name');
    body.set('c', { d: 1 });
  });
  assert.equal(after, 'a         = "longer" # x\nlong_name = 2        # y\nc = {\n  d = 1\n}\n');
});

test('a new argument comes after the last one, in the layout of its neighbours', () => {
  assert.equal(
    edited('b {\n    x=1 # one\n    # end\n\n    c {}\n}\n', ({ body }) =>
      body.blocks[0]!.body.set('yy', ['z']),
    ),
    'b {\n    x=1 # one\n    yy = ["z"]\n    # end\n\n    c {}\n}\n',
  );
});

test('a new argument comes before the first block when it is the only one', () => {
  const set = ({ body }: EditableConfig) => body.set('a', 1);
  assert.equal(edited('b {}\n', set), 'a = 1\n\nb {}\n');
  assert.equal(edited('# File.\n\n# B.\nb {}\n', set), '# File.\n\na = 1\n\n# B.\nb {}\n');
  const setInside = ({ body }: EditableConfig) => body.blocks[0]!.body.set('a', 1);
  assert.equal(edited('b {\n  c {}\n}\n', setInside), 'b {\n  a = 1\n\n  c {}\n}\n');
});

test('a body on one line is spread out when something comes in', () => {
  const set = ({ body }: EditableConfig) => body.blocks[0]!.body.set('a', 1);
  assert.equal(edited('b {}\n', set), 'b {\n  a = 1\n}\n');
  assert.equal(edited('b { x = 1 } # c\n', set), 'b {\n  x = 1\n  a = 1\n} # c\n');
  assert.equal(
    edited('b { /* why */ x = 1 /* one */ }\n', set),
    'b {\n  /* why */ x = 1 /* one */\n  a           = 1\n}\n',
  );
  assert.equal(edited('b { /* empty */ }\n', set), 'b { /* empty */\n  a = 1\n}\n');
  assert.equal(
    edited('b { x = 1 }\n', ({ body }) => body.blocks[0]!.body.attribute('x')!.set({ y: 1 })),
    'b {\n  x = {\n    y = 1\n  }\n}\n',
  );
});

test('a value on one line leaves the body on one line', () => {
  const after = edited('b { x = 1 }\n', ({ body }) => body.blocks[0]!.body.set('x', [1, 2]));
  assert.equal(after, 'b { x = [1, 2] }\n');
});

test('what is removed takes its comments with it, and no others', () => {
  const before = '# file\n\n# of a\n# too\na = 1 # here\n\n# of b\nb = 2\n\n# end\n';
  assert.equal(
    edited(before, ({ body }) => body.attribute('a')!.remove()),
    '# file\n\n# of b\nb = 2\n\n# end\n',
  );
  assert.equal(
    edited(before, ({ body }) => body.attribute('b')!.remove()),
    '# file\n\n# of a\n# too\na = 1 # here\n\n# end\n',
  );
});

test('no two blank lines are left where something was removed', () => {
  const remove = (name: string) => (config: EditableConfig) =>
    config.body.blocks[0]!.body.attribute(name)!.remove();
  const before = 'x {\n  a = 1\n\n  b = 2\n\n  c = 3\n}\n';
  assert.equal(edited(before, remove('a')), 'x {\n  b = 2\n\n  c = 3\n}\n');
  assert.equal(edited(before, remove('b')), 'x {\n  a = 1\n\n  c = 3\n}\n');
  assert.equal(edited(before, remove('c')), 'x {\n  a = 1\n\n  b = 2\n}\n');
  assert.equal(edited('x { a = 1 }\n', remove('a')), 'x {}\n');
});

test('blocks are found by type and labels, renamed and removed', () => {
  const before = 'source "qemu" "a" {\n}\n\n# second\nsource qemu b {\n}\n\nbuild {}\n';
  const after = edited(before, ({ body }) => {
    assert.equal(body.blocksOf('source').length, 2);
    assert.equal(body.blocksOf('source', 'qemu', 'c').length, 0);
    body.blocksOf('source', 'qemu', 'a')[0]!.rename('source', ['null', 'x "y"']);
    body.blocksOf('source', 'qemu', 'b')[0]!.remove();
    body.blocksOf('build')[0]!.rename('builds');
  });
  assert.equal(after, 'source "null" "x \\"y\\"" {\n}\n\nbuilds {}\n');
});

test('a block is added at the end and can be edited on', () => {
  const after = edited('build {\n  a = 1\n  # end\n}', ({ body }) => {
    const shell = body.blocks[0]!.body.append({
      type: 'provisioner',
      labels: ['shell'],
      attributes: { inline: ['true'] },
    });
    shell.body.set('only', ['x']);
    const locals = body.append({ type: 'locals' });
    locals.body.set('script', 'one\ntwo\n', { heredocs: true });
    locals.body.attribute('script')!.remove();
    locals.body.set('b', 2);
  });
  assert.equal(
    after,
    'build {\n  a = 1\n  # end\n\n  provisioner "shell" {\n    inline = ["true"]\n    only   = ["x"]\n  }\n}\n\nlocals {\n  b = 2\n}\n',
  );
});

test('heredocs are replaced as a whole', () => {
  const before = 'a = <<-EOT\n  x\n  EOT\nb = 1\n';
  assert.equal(
    edited(before, ({ body }) => body.attribute('a')!.set('y')),
    'a = "y"\nb = 1\n',
  );
  assert.equal(
    edited(before, ({ body }) => body.attribute('b')!.set('y\nz\n', { heredocs: true })),
    'a = <<-EOT\n  x\n  EOT\nb = <<-EOT\n  y\n  z\nEOT\n',
  );
});

test('a heredoc does not take the rest of its line with it', () => {
  const set = ({ body }: EditableConfig) => body.attribute('a')!.set('x\ny\n', { heredocs: true });
  assert.equal(edited('a = 1 # c\n', set), 'a = "x\\ny\\n" # c\n');
  assert.equal(edited('a = 1', set), 'a = <<-EOT\n  x\n  y\nEOT\n');
});

test('new lines end as those of the file do', () => {
  const after = edited('a = 1\r\nb {\r\n}\r\n', ({ body }) => {
    body.blocks[0]!.body.set('c', { d: 1 });
    body.append({ type: 'e' });
    body.attribute('a')!.set('x\ny\n', { heredocs: true });
  });
  assert.equal(after, 'a = "x\\ny\\n"\r\nb {\r\n  c = {\r\n    d = 1\r\n  }\r\n}\r\n\r\ne {}\r\n');
});

test('what cannot be written is refused and changes nothing', () => {
  const before = 'a = 1\nb = 2\n';
  const after = edited(before, ({ body }) => {
    assert.throws(() => body.attribute('a')!.rename('b'), WriteError);
    assert.throws(() => body.attribute('a')!.rename('two words'), WriteError);
    assert.throws(() => body.attribute('a')!.set(Number.NaN), WriteError);
    assert.throws(() => body.set('1', 1), WriteError);
    assert.throws(() => body.append({ type: 'c', attributes: { d: Number.NaN } }), WriteError);
  });
  assert.equal(after, before);
});

test('a text with mistakes is not edited', () => {
  const { value, diagnostics } = editConfig('a = \n', 'test.hcl');
  assert.equal(value, undefined);
  assert.equal(diagnostics.length, 1);
});
