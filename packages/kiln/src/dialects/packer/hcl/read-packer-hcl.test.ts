import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPackerHcl } from './open-project.ts';
import { buildsOf, complaints, readProject, writeProject } from './testing/projects.ts';

/** A template of one null source with this inside of its build. */
function template(build: string, outside = ''): string {
  return `
source "null" "a" {
  communicator = "none"
}
${outside}
build {
  sources = ["null.a"]
${build}
}`;
}

/** The lines of the template's first step. */
async function lines(...args: Parameters<typeof readProject>) {
  const step = buildsOf(await readProject(...args))[0]!.steps[0];
  assert.ok(step?.kind === 'shell-local' && step.script.kind === 'inline');
  return step.script.lines;
}

test('a folder of files in both syntaxes is one template', async (t) => {
  const result = await readProject(t, {
    'sources.pkr.hcl': 'source "null" "a" {\n communicator = "none"\n}',
    'variables.pkr.json': '{"variable": {"greeting": {"default": "hi"}}, "locals": {"end": "!"}}',
    'build.pkr.hcl':
      'build {\n sources = ["null.a"]\n provisioner "shell-local" {\n inline = ["echo ${var.greeting}${local.end}"]\n }\n}',
    'readme.md': 'no template',
    'other.json': '{"no": "template"}',
    'disabled.pkr.hcl.bak': 'nonsense {',
  });
  assert.deepEqual(complaints(result), []);
  const [build] = buildsOf(result);
  assert.deepEqual(
    build?.steps.map(({ kind, at }) => [kind, at]),
    [['shell-local', { file: 'build.pkr.hcl', line: 3, column: 2 }]],
  );
  assert.ok(build?.steps[0]?.kind === 'shell-local');
  assert.deepEqual(build.steps[0].script, { kind: 'inline', lines: ['echo hi!'] });
});

test('builds have the names that people see and those that scripts see', async (t) => {
  const result = await readProject(
    t,
    `
source "null" "a" {
  communicator = "none"
}
build {
  sources = ["source.null.a", "sources.null.a"]
  source "null.a" {
    name = "other"
  }
}
build {
  name = "named"
  sources = ["null.a"]
}`,
  );
  assert.deepEqual(complaints(result), []);
  assert.deepEqual(
    buildsOf(result).map(({ name, innerName, type }) => [name, innerName, type]),
    [
      ['null.a', 'a', 'null'],
      ['null.a-2', 'a', 'null'],
      ['null.other', 'a', 'null'],
      ['named.null.a', 'a', 'null'],
    ],
  );
});

test('expressions see where they are', async (t) => {
  const text =
    '${path.root} ${path.cwd} ${packer.version} ${packer.iterationID} ${source.type}.${source.name} [${build.name}]';
  const files = {
    'sub/main.pkr.hcl': template(
      `name = "b"\nsource "null.a" {\n name = "other"\n}\nprovisioner "shell-local" {\n inline = ["${text}"]\n}`,
    ),
  };
  const result = await readProject(t, files, { file: 'sub' });
  const cwd = result.plan!.origin.folder;
  const said = buildsOf(result).map(({ steps }) => steps[0]?.kind === 'shell-local' && steps[0].script);
  assert.deepEqual(said, [
    { kind: 'inline', lines: [`sub ${cwd} 1.16.0 <unknown> null.a [b]`] },
    { kind: 'inline', lines: [`sub ${cwd} 1.16.0 <unknown> null.other [b]`] },
  ]);
  const [line] = await lines(t, files, { file: 'sub/main.pkr.hcl' });
  assert.match(String(line), /^sub /);
});

test('a source sees its own name, and may be given more by a build', async (t) => {
  const result = await readProject(
    t,
    `
source "file" "a" {
  target = "\${source.name}.txt"
}
build {
  source "file.a" {
    name    = "b"
    content = "of \${source.type} \${source.name}"
  }
}`,
  );
  assert.deepEqual(complaints(result), []);
  const [build] = buildsOf(result);
  assert.ok(build?.source.kind === 'file');
  assert.match(build.source.target, /\/b\.txt$/);
  assert.deepEqual(build.source.from, { kind: 'content', content: 'of file b' });
});

test('what a build adds to a source must be new', async (t) => {
  const result = await readProject(
    t,
    'source "file" "a" {\n target = "x"\n content = "x"\n}\nbuild {\n source "file.a" {\n  target = "y"\n }\n}',
  );
  assert.deepEqual(complaints(result), [
    '7:3: error: "target" is set in the source already, at t.pkr.hcl:2:2 (a source block inside of a build can only add)',
  ]);
});

test('locals are worked out in whatever order they are written', async (t) => {
  const locals = `
locals {
  full  = "\${local.first} \${local.last}"
  first = var.name
}
local "last" {
  expression = "X-\${local.first}"
}
variable "name" { default = "Ann" }`;
  assert.deepEqual(
    await lines(t, template('provisioner "shell-local" {\n inline = [local.full]\n}', locals)),
    ['Ann X-Ann'],
  );
});

test('texts are Go templates once HCL is done with them', async (t) => {
  const build =
    'provisioner "shell-local" {\n inline = ["{{ build_name }} {{ upper `x` }} {{ user `v` }} ${var.v}"]\n}';
  const found = await lines(t, template(build, 'variable "v" { default = "{{ build_type }}" }'));
  assert.deepEqual(found, ['a X null null']);
});

test('provisioners and post-processors are for the sources that "only" and "except" say', async (t) => {
  const result = await readProject(
    t,
    `
source "null" "a" {
  communicator = "none"
}
source "null" "b" {
  communicator = "none"
}
build {
  sources = ["null.a", "null.b"]
  source "null.a" {
    name = "c"
  }
  provisioner "sleep" {
    only     = ["null.a", "null.c"]
    duration = "1s"
  }
  provisioner "sleep" {
    except   = ["null.a"]
    duration = "2s"
  }
  post-processor "manifest" {
    only = ["null.b"]
  }
  post-processors {
    post-processor "manifest" {
      except = ["null.c"]
    }
    post-processor "checksum" {}
  }
  error-cleanup-provisioner "sleep" {
    only     = ["null.c"]
    duration = "3s"
  }
}`,
  );
  assert.deepEqual(complaints(result), []);
  const facts = buildsOf(result).map(({ name, steps, cleanupStep, outputs }) => ({
    name,
    steps: steps.map((step) => step.kind === 'sleep' && step.duration),
    cleanup: cleanupStep !== undefined,
    outputs: outputs.map((chain) => chain.map(({ kind }) => kind).join('>')),
  }));
  assert.deepEqual(facts, [
    { name: 'null.a', steps: [1000], cleanup: false, outputs: ['manifest>checksum'] },
    { name: 'null.b', steps: [2000], cleanup: false, outputs: ['manifest', 'manifest>checksum'] },
    { name: 'null.c', steps: [1000, 2000], cleanup: true, outputs: ['checksum'] },
  ]);
});

test('a part that is not for a source is not worked out for it', async (t) => {
  const build = `
  source "null.a" {
    name = "b"
  }
  provisioner "shell-local" {
    only   = ["null.b"]
    inline = [{ b = "fine" }[source.name]]
  }`;
  const result = await readProject(t, template(build));
  assert.deepEqual(complaints(result), []);
  assert.deepEqual(
    buildsOf(result).map(({ steps }) => steps.length),
    [0, 1],
  );
});

test('an override is for one name of a source, and read as in JSON templates', async (t) => {
  const build = `
  source "null.a" {
    name = "b"
  }
  provisioner "shell-local" {
    inline   = ["usual"]
    override = {
      b    = { inline = "one line", valid_exit_codes = "1,2" }
      nope = { inline = [] }
    }
  }`;
  const result = await readProject(t, template(build));
  assert.deepEqual(complaints(result), [
    '16:7: warning: "override" names the source "nope", which this build does not have',
  ]);
  const facts = buildsOf(result).map(({ steps: [step] }) => {
    assert.ok(step?.kind === 'shell-local' && step.script.kind === 'inline');
    return [step.script.lines, step.validExitCodes];
  });
  assert.deepEqual(facts, [
    [['usual'], [0]],
    [['one line'], [1, 2]],
  ]);
});

test('what every provisioner and post-processor has is read', async (t) => {
  const build = `
  provisioner "shell-local" {
    name              = "greet"
    inline            = ["echo"]
    pause_before      = "5s"
    timeout           = "1m"
    max_retries       = 3
    continue_on_error = true
  }
  post-processor "manifest" {
    name                = "list"
    keep_input_artifact = false
  }`;
  const [first] = buildsOf(await readProject(t, template(build)));
  const { name, pauseBefore, timeout, maxRetries, continueOnError } = first!.steps[0]!;
  assert.deepEqual(
    { name, pauseBefore, timeout, maxRetries, continueOnError },
    { name: 'greet', pauseBefore: 5000, timeout: 60_000, maxRetries: 3, continueOnError: true },
  );
  const { name: label, keepInput } = first!.outputs[0]![0]!;
  assert.deepEqual({ label, keepInput }, { label: 'list', keepInput: false });
});

test('blocks that change nothing are told', async (t) => {
  const result = await readProject(
    t,
    template(
      'hcp_packer_registry {\n  bucket_name = "ab"\n}\nfrom "x" {}',
      'communicator "ssh" "x" {\n}\nhcp_packer_registry {\n  bucket_name = "images"\n  labels = { a = 1 }\n}',
    ),
  );
  assert.deepEqual(complaints(result), [
    '5:1: warning: a block "communicator" has no effect (write its settings into the source, with ssh_ before their names)',
    '7:1: warning: Kiln sends nothing to HCP Packer: "hcp_packer_registry" has no effect',
    '13:1: warning: Kiln sends nothing to HCP Packer: "hcp_packer_registry" has no effect',
    '14:17: error: "bucket_name" has 3 to 36 letters, digits and dashes',
    '16:1: warning: a block "from" has no effect (leave it out)',
  ]);
});

test('a template for another version of Packer is judged by nothing else', async (t) => {
  const wanting = (version: string) =>
    `packer {\n required_version = "${version}"\n}\nbuild { nonsense = 1 }`;
  assert.deepEqual(complaints(await readProject(t, wanting('>= 2.0'))), [
    '2:21: error: the template wants Packer >= 2.0; Kiln follows Packer 1.16.0 (change "required_version" if the template does not depend on it)',
  ]);
  const others = complaints(await readProject(t, wanting('new')));
  assert.match(others[0]!, /"new" is no condition on a version/);
  assert.ok(others.length > 1);
});

test('plugins are checked and listed', async (t) => {
  const block = `
packer {
  required_version = ">= 1.7.0, < 2.0.0"
  required_plugins {
    qemu = {
      version = "~> 1.1"
      source  = "github.com/hashicorp/qemu"
    }
    UPPER  = { version = "1", source = "github.com/a/b" }
    text   = ">= 1"
    half   = { version = ">= 1" }
    scheme = { version = "1", source = "https://github.com/a/b" }
    beta   = { version = ">= 1.0.0-beta", source = "github.com/a/b", more = 1 }
  }
}`;
  const result = await readProject(t, template('', block));
  const said = complaints(result).join('\n');
  for (const expected of [
    /13:14: error: "UPPER" is no name of a plugin: it is in small letters/,
    /14:14: error: the plugin "text" must be an object with source and version/,
    /15:14: error: the plugin "half" has no source/,
    /16:14: error: "https:\/\/github.com\/a\/b" is no source of a plugin: it has no scheme/,
    /17:14: error: the plugin "beta" has only source and version, not "more"/,
    /17:14: error: the condition ">= 1.0.0-beta" names a prerelease/,
  ])
    assert.match(said, expected);
  assert.equal(complaints(result).length, 6, said);
});

test('a kind of source, provisioner or post-processor that Kiln lacks is told at its place, and the rest is checked', async (t) => {
  const result = await readProject(
    t,
    `
source "null" "a" {
  communicator = "none"
}
source "amazon-ebs" "b" {
  region = "x"
}
build {
  sources = ["null.a", "amazon-ebs.b"]
  provisioner "shel" {
    inline = ["x"]
  }
  provisioner "shell" {
    inlin = ["x"]
  }
  post-processor "docker-push" {}
}`,
  );
  assert.equal(result.plan, undefined);
  const said = complaints(result);
  assert.match(
    said[0]!,
    /^5:8: error: Kiln does not run the builder "amazon-ebs" yet \(.*choose builds with -only=null\.a\)$/,
  );
  assert.match(
    said[1]!,
    /^10:15: error: Kiln does not run the provisioner "shel" yet \(did you mean "shell"\?\)$/,
  );
  assert.ok(
    said.some((one) =>
      /^14:5: error: the shell provisioner has no option "inlin" \(did you mean "inline"\?\)$/.test(one),
    ),
  );
  assert.ok(
    said.some((one) => /^16:18: error: Kiln does not run the post-processor "docker-push" yet/.test(one)),
  );
  const others = await readProject(t, template(''), { only: ['null.*'] });
  assert.ok(others.plan);
});

test('files that are no UTF-8 are told', async (t) => {
  const cwd = await writeProject(t, {});
  await writeFile(join(cwd, 'a.pkr.hcl'), Buffer.from('locals {\n a = "\xff"\n}\n', 'latin1'));
  const project = await openPackerHcl({
    file: 'a.pkr.hcl',
    cwd,
    env: {},
    variables: {},
    variableFiles: [],
    startedAt: new Date(),
  });
  assert.match(complaints(project)[0]!, /^a\.pkr\.hcl:2:7: error: invalid character encoding/);
});

test('functions find files beside the template, and where path.root leads', async (t) => {
  const files = {
    'sub/main.pkr.hcl': template(
      'provisioner "shell-local" {\n inline = [file("a.txt"), file("${path.root}/a.txt"), templatefile("${path.root}/b.tpl", { n = "x" })]\n}',
    ),
    'sub/a.txt': 'a note',
    'sub/b.tpl': '${upper(n)}%{ if true } on%{ endif }',
  };
  for (const file of ['sub', './sub', 'sub/main.pkr.hcl']) {
    assert.deepEqual(await lines(t, files, { file }), ['a note', 'a note', 'X on'], file);
  }
});
