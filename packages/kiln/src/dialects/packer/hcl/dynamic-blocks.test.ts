import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Step } from '../../../plan/step.ts';
import { buildsOf, complaints, type ProjectFiles, readProject } from './testing/projects.ts';

function template(build: string): string {
  return `
variable "names" { default = ["a", "b"] }
locals {
  ports = { web = 80, ssh = 22 }
}
source "null" "a" {
  communicator = "none"
}
build {
  sources = ["null.a"]
${build}
}`;
}

function linesOf(step: Step): readonly unknown[] {
  assert.ok(step.kind === 'shell-local' && step.script.kind === 'inline');
  return step.script.lines;
}

async function allLines(...args: [Parameters<typeof readProject>[0], ProjectFiles]) {
  const [build] = buildsOf(await readProject(...args));
  return build!.steps.map(linesOf);
}

test('a dynamic block stands for one block for each element', async (t) => {
  const build = `
  provisioner "shell-local" {
    inline = ["first"]
  }
  dynamic "provisioner" {
    for_each = var.names
    labels   = ["shell-local"]
    content {
      inline = ["\${provisioner.key} \${provisioner.value} \${source.name}"]
    }
  }
  dynamic "provisioner" {
    for_each = local.ports
    iterator = port
    labels   = ["shell-\${port.key == "web" ? "local" : "local"}"]
    content {
      only   = ["null.a"]
      inline = ["\${port.key}=\${port.value}"]
    }
  }
  dynamic "provisioner" {
    for_each = []
    labels   = ["nothing"]
    content {
    }
  }
  provisioner "shell-local" {
    inline = ["last"]
  }`;
  assert.deepEqual(await allLines(t, template(build)), [
    ['first'],
    ['0 a a'],
    ['1 b a'],
    ['ssh=22'],
    ['web=80'],
    ['last'],
  ]);
});

test('dynamic blocks may stand in each other and make chains and sources', async (t) => {
  const build = `
  dynamic "source" {
    for_each = ["x", "y"]
    labels   = ["null.a"]
    content {
      name = source.value
    }
  }
  dynamic "post-processors" {
    for_each = ["one"]
    iterator = chain
    content {
      dynamic "post-processor" {
        for_each = ["manifest", "checksum"]
        labels   = [post-processor.value]
        content {
          name = "\${chain.value}-\${post-processor.value}"
        }
      }
    }
  }`;
  const result = await readProject(t, template(build).replace('sources = ["null.a"]', ''));
  assert.deepEqual(complaints(result), []);
  assert.deepEqual(
    buildsOf(result).map(({ name, outputs }) => [name, outputs.map((chain) => chain.map((one) => one.name))]),
    [
      ['null.x', [['one-manifest', 'one-checksum']]],
      ['null.y', [['one-manifest', 'one-checksum']]],
    ],
  );
});

test('blocks inside of components may be dynamic', async (t) => {
  const text = `
source "qemu" "a" {
  iso_url      = "x.iso"
  iso_checksum = "none"
  ssh_username = "root"
  dynamic "qemu_img_args" {
    for_each = [["-o", "a"]]
    content {
      convert = qemu_img_args.value
    }
  }
}
build {
  sources = ["qemu.a"]
}`;
  const [build] = buildsOf(await readProject(t, text));
  assert.ok(build?.source.kind === 'qemu');
  assert.deepEqual(build.source.result.imgArgs.convert, ['-o', 'a']);
});

test('dynamic blocks may be written in JSON', async (t) => {
  const files = {
    'main.pkr.json': JSON.stringify({
      source: { null: { a: { communicator: 'none' } } },
      build: {
        sources: ['null.a'],
        dynamic: {
          provisioner: {
            for_each: ['a', 'b'],
            labels: ['shell-local'],
            content: { inline: ['echo ${provisioner.value}'] },
          },
        },
      },
    }),
  };
  assert.deepEqual(await allLines(t, files), [['echo a'], ['echo b']]);
});

test('elements stay known in what waits for the build to run', async (t) => {
  const build = `
  dynamic "provisioner" {
    for_each = var.names
    labels   = ["shell-local"]
    content {
      inline = [build.ID == provisioner.value ? "same" : "other"]
    }
  }`;
  const found = (await allLines(t, template(build))).flat();
  assert.deepEqual(found[1], {
    kind: 'template',
    source: '{{ expression 0 }}',
    expressions: [
      {
        source: 'build.ID == provisioner.value ? "same" : "other"',
        values: { provisioner: { object: { key: { number: '1' }, value: 'b' } } },
      },
    ],
  });
});

const mistakes: readonly (readonly [build: string, complaint: RegExp])[] = [
  ['dynamic "provisioner" {\n labels = ["sleep"]\n content {}\n}', /for_each/],
  ['dynamic "provisioner" {\n for_each = []\n}', /^11:\d+: error: .*content/m],
  ['dynamic "provisioner" {\n for_each = 5\n labels = ["sleep"]\n content {}\n}', /for_each/],
  ['dynamic "provisioner" {\n for_each = [1]\n content {}\n}', /labels/],
  ['dynamic "provisoner" {\n for_each = [1]\n content {}\n}', /"provisoner"/],
  [
    'dynamic "provisioner" {\n for_each = [1, 2]\n labels = ["sleep"]\n content {\n duratio = "1s"\n }\n}',
    /no option "duratio" \(did you mean "duration"\?\)/,
  ],
  ['provisioner "sleep" {\n dynamic "x" {\n for_each = 5\n content {}\n }\n}', /^13:13: error: .*for_each/],
];

test('what is wrong with a dynamic block is told', async (t) => {
  for (const [build, complaint] of mistakes) {
    assert.match(complaints(await readProject(t, template(build))).join('\n'), complaint, build);
  }
});

test('the outermost level has no dynamic blocks', async (t) => {
  const result = await readProject(t, 'dynamic "build" {\n for_each = []\n content {}\n}');
  assert.match(complaints(result)[0]!, /^1:1: error: unsupported block type/);
});
