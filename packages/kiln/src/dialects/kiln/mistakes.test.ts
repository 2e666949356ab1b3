import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tooDeep } from '../../base/yaml/yaml-depth.ts';
import { read } from './testing.ts';

test('every mistake of a file is reported at once, with its place and what to do', (t) => {
  const { plan, messages } = read(
    t,
    `kiln: 1
variables:
  greeting: Hello \${x}
images:
  web:
    from: debain/12
    memroy: 1G
    memory: 512
    cpus: two
    cpus: 3
    firmware: uefi
    steps:
      - run: echo \${greting} \${HOME} \${HOME:-x}
      - rnu: x
      - run: a
        copy: {from: nix/, to: html}
      - apt-get update
      - copy: {from: nix/, to: /html}
      - copy: {content: x, to: html}
      - sleep: 5
      - run: {script: nix.sh}
      - {}
    outputs:
      - disk: dist/web.foo
      - compress: web.bar
machines:
  web:
    image: web
    ports: ["80", 8080:99999, "81:80", "81:82"]
  b: {}
  B_: {memroy: 1G, image: web}
services: {}
`,
  );
  assert.equal(plan, undefined);
  assert.deepEqual(messages, [
    'kiln.yaml:3:19: error: a variable\'s value cannot take other variables (write "$${" for a plain "${")',
    'kiln.yaml:6:11: error: there is no distribution "debain" (did you mean "debian/12"?)',
    'kiln.yaml:7:5: error: an image has no field "memroy" (did you mean "memory"?)',
    'kiln.yaml:8:13: error: memory: "512" has no unit (write 512M or 512G)',
    'kiln.yaml:9:11: error: cpus: found "two", expected a whole number from 1 to 256',
    'kiln.yaml:10:5: error: "cpus" is given twice (the first one is on line 9)',
    'kiln.yaml:11:15: error: firmware: found "uefi", expected "bios" or "efi" (did you mean "efi"?)',
    'kiln.yaml:13:19: error: there is no variable "greting" (did you mean "${greeting}"?)',
    'kiln.yaml:13:30: error: there is no variable "HOME" (declare it under "variables:", or write "$${HOME}" for the shell\'s own)',
    'kiln.yaml:14:9: error: a step has no field "rnu" (did you mean "run"?)',
    'kiln.yaml:16:9: error: a step does one thing, but this one has run and copy (make a list entry ("- …") for each)',
    'kiln.yaml:17:9: error: entry 4 of steps: found "apt-get update", expected a mapping with one of run, profile, copy, fetch, local, ansible, puppet, reboot or sleep',
    'kiln.yaml:18:22: error: there is no file or folder "nix/" in FOLDER',
    'kiln.yaml:19:32: error: "html" is not an absolute path (write where in the machine, from "/" on)',
    'kiln.yaml:20:16: error: sleep: "5" has no unit (write 5s for seconds)',
    'kiln.yaml:21:9: error: there is no file "nix.sh" in FOLDER',
    'kiln.yaml:22:9: error: a step must say what to do (expected one of run, profile, copy, fetch, local, ansible, puppet, reboot or sleep)',
    'kiln.yaml:24:9: error: the format of the disk "dist/web.foo" is not clear from its name (add "format:", or let the name end with .qcow2, .img, .raw, .vmdk, .vhd, .vhdx, .vdi, .ova)',
    'kiln.yaml:25:9: error: how to compress is not clear from the name "web.bar" (let it end with .tar.gz, .tgz, .tar.xz, .tar.zst, .tar.lz4, .tar.bz2, .tar, .zip, .gz, .xz, .zst, .lz4, .bz2)',
    'kiln.yaml:29:13: error: entry 1 of ports: "80" is only one port (write "host:guest", such as "8080:80")',
    'kiln.yaml:29:19: error: entry 2 of ports: there is no port 99999 (ports go from 1 to 65535)',
    'kiln.yaml:29:40: error: host port 81 is given twice',
    'kiln.yaml:30:6: error: a machine needs "image" or "from" (this file has the image web)',
    'kiln.yaml:31:3: error: "B_" cannot be a machine\'s name (expected small letters, digits, ".", "_" and "-", such as "web-1")',
    'kiln.yaml:31:8: error: a machine has no field "memroy" (did you mean "memory"?)',
    'kiln.yaml:32:1: error: kiln.yaml has no field "services" (here it is called "machines")',
  ]);
});

const single: readonly (readonly [what: string, text: string, message: string])[] = [
  [
    'an empty file',
    '',
    '1:1: error: the file is empty (begin with "kiln: 1", then "images:" or "machines:")',
  ],
  [
    'a file of comments only',
    '# nothing\n',
    '1:1: error: the file is empty (begin with "kiln: 1", then "images:" or "machines:")',
  ],
  [
    'a list',
    '- a\n',
    '1:1: error: kiln.yaml: found a list, expected a mapping with kiln, variables, images and machines',
  ],
  [
    'no version',
    'images: {}\n',
    '1:1: error: kiln.yaml needs "kiln" (Version of this file format; always 1.)',
  ],
  [
    'a newer version',
    'kiln: 2\n',
    '1:7: error: this Kiln reads version 1 of the file format, and this is version 2 (use a newer Kiln)',
  ],
  ['a tab', 'kiln: 1\nimages:\n\tweb: {}\n', '3:1: error: a tab is used to indent (YAML wants spaces)'],
  [
    'a value with a colon',
    'kiln: 1: 2\n',
    '1:7: error: a second ": " in one line (put quotes around a value that has ": " in it, and check the indentation)',
  ],
  ['an unclosed quote', 'kiln: "1\n', '2:1: error: missing closing "quote'],
  [
    'two documents',
    'kiln: 1\n---\nkiln: 1\n',
    '2:1: error: the file has more than one YAML document (put everything into one; a line "---" starts another document)',
  ],
  [
    'an unknown alias',
    'kiln: 1\nimages: *nope\n',
    '2:9: error: there is no anchor "&nope" before this alias (an alias (*name) repeats what an anchor (&name) further up has marked)',
  ],
  [
    'a tag',
    'kiln: !!int 1\nx-a: !foo 1\n',
    '2:6: error: unresolved tag: !foo (kiln.yaml needs no tags or directives)',
  ],
  [
    'a reset outside of a profile',
    'kiln: 1\nimages: {web: {from: !reset debian/12}}\n',
    '2:29: error: "!reset" has no meaning here (it forgets what was inherited under a name; put it behind that name)',
  ],
  [
    'a key that is a list',
    'kiln: 1\n? [a]\n: 1\n',
    '2:3: error: a name must be plain text (check the brackets and colons)',
  ],
  [
    'nothing where something must be',
    'kiln: 1\nimages:\n',
    "2:8: error: images: found nothing, expected a mapping with an image's name on each line",
  ],
  [
    'a merge of something else',
    'kiln: 1\nx-a: &a [1]\nimages:\n  web: {<<: *a, from: debian/12}\n',
    '4:13: error: "<<" must name a mapping, such as *common',
  ],
  [
    'a mapping that merges itself',
    'kiln: 1\nx-a: &a {<<: *a}\nimages: {web: {<<: *a, from: debian/12}}\n',
    '2:14: error: this mapping merges itself',
  ],
  [
    'a foreign image without a login',
    'kiln: 1\nimages: {web: {from: "https://127.0.0.1/x.img", checksum: none}}\n',
    '2:22: error: Kiln does not know how to log in to this image (add "ssh:" with "user:" and "password:" or "key:")',
  ],
  [
    'a URL without a checksum',
    'kiln: 1\nmachines: {web: {from: "https://127.0.0.1/x.img", ssh: {user: a, password: b}}}\n',
    '2:24: error: an image from a URL needs a checksum (add "checksum: sha256:…" beside it, or "checksum: none" to take whatever comes)',
  ],
  [
    'a checksum that is too short',
    'kiln: 1\nmachines: {web: {from: "https://127.0.0.1/x.img", checksum: "sha256:12", ssh: {user: a, password: b}}}\n',
    '2:61: error: "sha256:12" is not a checksum (sha256 has 64 hexadecimal digits, not 2)',
  ],
  [
    'a release that nobody makes',
    'kiln: 1\nimages: {web: {from: debian/21}}\n',
    '2:22: error: debian/21 is not a release that Kiln can bootstrap (did you mean "11"?)',
  ],
  [
    'a file without its folder',
    'kiln: 1\nmachines: {web: {from: disk.qcow2}}\n',
    '2:24: error: "disk.qcow2" looks like a file (write "./disk.qcow2")',
  ],
  [
    'a machine with two images',
    'kiln: 1\nmachines: {web: {from: debian/12, image: web}}\n',
    '2:24: error: a machine has "image" or "from", not both',
  ],
  [
    'a checksum of no disk',
    'kiln: 1\nimages: {web: {from: debian/12, outputs: [{checksum: {}}]}}\n',
    '2:43: error: there is no file to make a checksum of (put it below a "disk")',
  ],
];

for (const [what, text, message] of single) {
  test(`a file with ${what} is refused with its place`, (t) => {
    const { plan, messages } = read(t, text);
    assert.equal(plan, undefined);
    assert.deepEqual(messages, [`kiln.yaml:${message}`]);
  });
}

test('a file nested without end is refused', (t) => {
  const { messages } = read(t, `kiln: ${'['.repeat(50_000)}`);
  assert.equal(messages.length, 1);
  assert.match(messages[0]!, /^kiln\.yaml:1:\d+: error: the file is nested more than 100 levels deep$/);
});

const deepTexts: readonly (readonly [what: string, text: string, isDeep: boolean])[] = [
  ['braces', `a: ${'{a: '.repeat(101)}`, true],
  ['dashes in one line', `a:\n  ${'- '.repeat(101)}x`, true],
  ['lines that are indented further and further', lines(101, (depth) => `${' '.repeat(depth)}a:`), true],
  ['questions', ': x ? x'.repeat(101), true],
  ['many lists beside each other', lines(500, () => '- [[a, b], {c: [d]}]'), false],
  ['one long list', `a: [${'{b: c}, '.repeat(500)}]`, false],
  ['brackets in a text', `a: |\n  ${'[{'.repeat(500)}\nb: "${'{'.repeat(500)}"`, false],
];

function lines(count: number, line: (number: number) => string): string {
  return Array.from({ length: count }, (_, number) => line(number)).join('\n');
}

test('nesting is counted before anything is parsed', () => {
  for (const [what, text, isDeep] of deepTexts) assert.equal(tooDeep(text, 100) !== undefined, isDeep, what);
});

test('a file that expands without end is refused before it fills the memory', (t) => {
  const levels = Array.from({ length: 30 }, (_, level) =>
    level === 0
      ? 'x-0: &l0 {run: "true"}'
      : `x-${level}: &l${level} [${'*l'.concat(String(level - 1), ', ').repeat(9)}]`,
  );
  const steps = Array.from({ length: 1500 }, () => '*l0').join(', ');
  const { plan, messages } = read(
    t,
    `kiln: 1\n${levels.join('\n')}\nimages: {web: {from: debian/12, steps: [${steps}]}, a: {from: debian/12, steps: *l29}}\n`,
  );
  assert.equal(plan, undefined);
  assert.ok(messages.some((one) => one.includes('the file uses aliases (*name) more than 1000 times')));
  assert.ok(messages.length < 40, `${messages.length} messages`);
});

test('so is one that repeats a long list many times', (t) => {
  const steps = Array.from({ length: 1000 }, () => '{run: "true"}').join(', ');
  const others = Array.from({ length: 900 }, (_, index) => `b${index}: {from: debian/12, steps: *s}`);
  const text = `kiln: 1\nimages: {a: {from: debian/12, steps: &s [${steps}]}, ${others.join(', ')}}\n`;
  const { plan, messages } = read(t, text);
  assert.equal(plan, undefined);
  assert.match(messages[0] ?? '', /more than 100000 values, with what its aliases repeat/);
});

test('a binary file is refused', (t) => {
  const { messages } = read(t, 'QFI\xfb\0\0\0\x03');
  assert.deepEqual(messages, [
    'kiln.yaml:1:1: error: the file is not text (is it a disk image? Then name it in `from:` of an image)',
  ]);
});

test('a cache that makes no sense is told', (t) => {
  const { messages } = read(
    t,
    `kiln: 1
images:
  web:
    from: debian/12
    steps:
      - {run: a, cache: 1h}
      - {run: a, cache: {max_age: 1}}
      - {run: a, cache: {age: 1h}}
      - {run: a, cache: "no"}
      - {run: a, cache: [false]}
      - {run: a, max_age: 1h}
      - {run: a, cache: {}}
`,
  );
  assert.deepEqual(messages, [
    'kiln.yaml:6:25: error: cache: found "1h", expected true or false, or a mapping with max_age',
    'kiln.yaml:7:35: error: max_age: "1" has no unit (write 1s for seconds)',
    'kiln.yaml:8:25: error: cache needs "max_age" (How old its result may be before it is run again.)',
    'kiln.yaml:8:26: error: cache has no field "age" (here it is called "max_age")',
    'kiln.yaml:9:25: error: cache: found "no", expected true or false, or a mapping with max_age',
    'kiln.yaml:10:25: error: cache: found a list, expected true or false, or a mapping with max_age',
    'kiln.yaml:11:18: error: a step has no field "max_age" (here it is called "cache")',
    'kiln.yaml:12:25: error: cache needs "max_age" (How old its result may be before it is run again.)',
  ]);
});
