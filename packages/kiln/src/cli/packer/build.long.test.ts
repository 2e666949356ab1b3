import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePackerShop } from './testing.ts';

/** Two builds that run one after the other, so that the order of their lines is known. */
const template = JSON.stringify({
  variables: { password: 's3cret', greeting: 'hello' },
  'sensitive-variables': ['password'],
  builders: [
    { type: 'null', name: 'one', communicator: 'none' },
    { type: 'file', content: 'text', target: 'out/made.txt' },
  ],
  provisioners: [
    {
      type: 'shell-local',
      only: ['one'],
      inline: ["printf '{{user `greeting`}} {{user `password`}}\\n\\n  two, three\\n'; echo problem >&2"],
    },
  ],
  'post-processors': [{ type: 'shell-local', only: ['file'], inline: ['echo packing'] }],
});

const oneByOne = ['build', '-parallel-builds=1'] as const;

test('lines have the name of their build in front, outputs their type too, and colours', async (t) => {
  const { packer, read } = makePackerShop(t, { 't.json': template });
  const { code, stdout, stderr } = await packer([...oneByOne, 't.json']);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.equal(
    stdout.replaceAll('\x1b', '^'),
    `^[1;32mnull.one: output will be in this color.^[0m
^[1;36mfile: output will be in this color.^[0m

^[1;32m==> null.one: step 1 of 1: shell-local^[0m
^[1;32m==> null.one: Running inline script^[0m
^[1;32m==> null.one: hello <sensitive>^[0m
^[1;32m==> null.one:^[0m
^[1;32m==> null.one:   two, three^[0m
^[1;31m==> null.one: problem^[0m
^[1;32mBuild 'null.one' finished after AWHILE.^[0m
^[1;36m==> file: Running post-processor: shell-local^[0m
^[1;36m==> file (shell-local): Running inline script^[0m
^[1;36m==> file (shell-local): packing^[0m
^[1;36mBuild 'file' finished after AWHILE.^[0m

==> Wait completed after AWHILE

==> Builds finished. The artifacts of successful builds are:
--> null.one: Did not export anything. This is the null builder
--> file: Stored file: out/made.txt
`,
  );
  assert.equal(read('out/made.txt'), 'text');
});

test('colours and the words about them can be left out, and times put in front', async (t) => {
  const { packer } = makePackerShop(t, { 't.json': template });
  const plain = await packer([...oneByOne, '-color=false', '-timestamp-ui', '-only=one', 't.json']);
  assert.equal(
    plain.stdout,
    `TIME: ==> null.one: step 1 of 1: shell-local
TIME: ==> null.one: Running inline script
TIME: ==> null.one: hello <sensitive>
TIME: ==> null.one:
TIME: ==> null.one:   two, three
TIME: ==> null.one: problem
TIME: Build 'null.one' finished after AWHILE.

==> Wait completed after AWHILE

==> Builds finished. The artifacts of successful builds are:
--> null.one: Did not export anything. This is the null builder
`,
  );
  const uncolored = await packer([...oneByOne, '-only=file', '-except=shell-local', 't.json'], {
    env: { PACKER_NO_COLOR: '1' },
  });
  assert.equal(
    uncolored.stdout,
    `file: output will be in this color.

Build 'file' finished after AWHILE.

==> Wait completed after AWHILE

==> Builds finished. The artifacts of successful builds are:
--> file: Stored file: out/made.txt
`,
  );
});

const failing = JSON.stringify({
  builders: [
    { type: 'null', name: 'bad', communicator: 'none' },
    { type: 'null', communicator: 'none' },
  ],
  provisioners: [{ type: 'shell-local', only: ['bad'], inline: ['exit 3'] }],
});

test('a build that fails ends with 1, is listed, and keeps no other from running', async (t) => {
  const { packer } = makePackerShop(t, { 't.json': failing });
  const { code, stdout } = await packer([...oneByOne, '-color=false', 't.json']);
  assert.equal(code, 1);
  assert.equal(
    stdout,
    `==> null.bad: step 1 of 1: shell-local
==> null.bad: Running inline script
Build 'null.bad' errored after AWHILE: inline script ended with exit code 3; allowed exit codes: 0
Build 'null' finished after AWHILE.

==> Wait completed after AWHILE

==> Some builds didn't complete successfully and had errors:
--> null.bad: inline script ended with exit code 3; allowed exit codes: 0
    t.json line 1
    log: bad.log

==> Builds finished. The artifacts of successful builds are:
--> null: Did not export anything. This is the null builder
`,
  );
});

test('programs get rows, and nothing that only people read', async (t) => {
  const { packer } = makePackerShop(t, { 't.json': failing });
  const { code, stdout } = await packer([...oneByOne, '-machine-readable', 't.json']);
  assert.equal(code, 1);
  assert.equal(
    stdout,
    `TIME,,ui,say,==> null.bad: step 1 of 1: shell-local
TIME,,ui,say,==> null.bad: Running inline script
TIME,,ui,error,Build 'null.bad' errored after AWHILE: inline script ended with exit code 3; allowed exit codes: 0
TIME,,ui,say,Build 'null' finished after AWHILE.
TIME,,ui,say,\\n==> Wait completed after AWHILE
TIME,,error-count,1
TIME,,ui,error,\\n==> Some builds didn't complete successfully and had errors:
TIME,null.bad,error,inline script ended with exit code 3; allowed exit codes: 0
TIME,,ui,error,--> null.bad: inline script ended with exit code 3; allowed exit codes: 0
TIME,,ui,say,\\n==> Builds finished. The artifacts of successful builds are:
TIME,null,artifact-count,1
TIME,null,artifact,0,builder-id,fnoeding.null
TIME,null,artifact,0,id,Null
TIME,null,artifact,0,string,Did not export anything. This is the null builder
TIME,null,artifact,0,files-count,0
TIME,null,artifact,0,end
TIME,,ui,say,--> null: Did not export anything. This is the null builder
`,
  );
});

test('an artifact is told with its files as the template names them', async (t) => {
  const { packer } = makePackerShop(t, { 't.json': template });
  const { stdout } = await packer([...oneByOne, '-machine-readable', '-only=file', 't.json']);
  assert.deepEqual(
    stdout.split('\n').filter((row) => row.startsWith('TIME,file,')),
    [
      'TIME,file,artifact-count,1',
      'TIME,file,artifact,0,builder-id,packer.file',
      'TIME,file,artifact,0,id,File',
      'TIME,file,artifact,0,string,Stored file: out/made.txt',
      'TIME,file,artifact,0,files-count,1',
      'TIME,file,artifact,0,file,0,out/made.txt',
      'TIME,file,artifact,0,end',
    ],
  );
});

test('nothing but failed builds makes no artifacts', async (t) => {
  const { packer } = makePackerShop(t, { 't.json': failing });
  const { stdout } = await packer([...oneByOne, '-color=false', '-only=bad', 't.json']);
  assert.match(stdout, /\n\n==> Builds finished but no artifacts were created\.\n$/);
});

test('a template with mistakes builds nothing and shows every one of them', async (t) => {
  const { packer } = makePackerShop(t, {
    't.json':
      '{\n  "builders": [{"type": "file", "content": "", "traget": "x", "target": "y"}],\n  "provisoners": []\n}\n',
  });
  assert.deepEqual(await packer(['build', 't.json']), {
    code: 1,
    stdout: `Error: the file builder has no option "traget"

  on t.json line 2, column 48:
   2:   "builders": [{"type": "file", "content": "", "traget": "x", "target": "y"}],
                                                     ^

did you mean "target"?

Error: a template has no "provisoners"

  on t.json line 3, column 3:
   3:   "provisoners": []
        ^

did you mean "provisioners"?

`,
    stderr: '',
  });
});

const strangeQemu = {
  qemu_binary: 'no-such-qemu',
  iso_url: 'x.iso',
  iso_checksum: 'none',
  ssh_username: 'a',
  ssh_password: 'b',
};

test('what cannot be built on this host keeps no other build from running, and ends with 1', async (t) => {
  const machine = { type: 'qemu', name: 'machine', ...strangeQemu };
  const builders = [machine, { type: 'file', content: 'x', target: 'b.txt' }];
  const { packer } = makePackerShop(t, { 't.json': JSON.stringify({ builders }), 'x.iso': '' });
  const { code, stdout } = await packer(['build', '-color=false', 't.json']);
  assert.equal(code, 1);
  assert.equal(
    stdout,
    `Error: "qemu.machine" cannot be built here

the program "no-such-qemu", which runs virtual machines, is not installed (run \`kiln doctor\` to see what to install)

Build 'file' finished after AWHILE.

==> Wait completed after AWHILE

==> Builds finished. The artifacts of successful builds are:
--> file: Stored file: b.txt
`,
  );
});

test('a folder in HCL2 is built with variables of every kind, by patterns of names', async (t) => {
  const { packer, read } = makePackerShop(t, {
    'main.pkr.hcl': `
variable "from_file" {}
variable "from_environment" {}
variable "from_line" {}
source "null" "a" {
  communicator = "none"
}
build {
  name = "night"
  source "null.a" {
    name = "local"
  }
  sources = ["null.a"]
  provisioner "shell-local" {
    inline = ["echo \${var.from_file} \${var.from_environment} \${var.from_line} > out.txt"]
  }
  post-processor "manifest" {
    name       = "list"
    strip_time = true
  }
}`,
    'x.auto.pkrvars.hcl': 'from_file = "file"\n',
  });
  const { code, stdout } = await packer(
    [...oneByOne, '-color=false', '-only=*.local', '-var', 'from_line=line', '.'],
    { env: { PKR_VAR_from_environment: 'environment' } },
  );
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `==> night.null.local: step 1 of 1: shell-local
==> night.null.local: Running inline script
==> night.null.local: Running post-processor: list (type manifest)
Build 'night.null.local' finished after AWHILE.

==> Wait completed after AWHILE

==> Builds finished. The artifacts of successful builds are:
--> night.null.local: Did not export anything. This is the null builder
`,
  );
  assert.equal(read('out.txt'), 'file environment line\n');
});

test('a template may come through standard input, and be taken for the other language', async (t) => {
  const { packer } = makePackerShop(t, {
    'strange.txt': 'source "null" "a" {\n communicator = "none"\n}\nbuild {\n sources = ["null.a"]\n}\n',
  });
  const piped = await packer(['build', '-color=false', '-only=null', '-'], { input: failing });
  assert.equal(piped.code, 0);
  assert.match(piped.stdout, /^Build 'null' finished/);
  const named = await packer(['build', '-color=false', '-config-type=hcl2', 'strange.txt']);
  assert.equal(named.code, 0);
  assert.match(named.stdout, /^Build 'null\.a' finished/);
});
