import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Text } from '../../../plan/text.ts';
import { createEvaluator } from '../../../text/evaluate-expression.ts';
import { createRenderer } from '../../../text/render-text.ts';
import { buildsOf, complaints, type ProjectFiles, readProject } from './testing/projects.ts';

const outside = `
variable "names" { default = ["x", "y"] }
variable "password" {
  default   = "geheim-1"
  sensitive = true
}
locals {
  tags = { role = "web", "the zone" = "b" }
}
source "null" "a" {
  communicator = "none"
}`;

function template(line: string, more = ''): string {
  return `${outside}
build {
  name = "night"
  sources = ["null.a"]
  provisioner "shell-local" {
    inline = [${line}]
    ${more}
  }
}`;
}

const values = {
  ID: 'i-42',
  Host: 'Web.Example',
  Port: '22',
  User: 'debian',
  Password: 'pass-word',
  ConnType: 'ssh',
};

interface Rendered {
  readonly text: string;
  readonly secrets: readonly string[];
}

/** The text as a running build would have it, after the plan has been written down as JSON. */
function render(text: Text, secrets: readonly string[], cwd: string): Rendered {
  const found: string[] = [];
  const evaluate = createEvaluator({
    cwd,
    env: {},
    startedAt: new Date(0),
    secrets,
    onSecret: (secret) => found.push(secret),
  });
  const renderer = createRenderer({ build: { name: 'a', type: 'null' }, values, evaluate });
  return { text: renderer(JSON.parse(JSON.stringify(text)) as Text, { Path: '/script' }), secrets: found };
}

async function firstLine(t: Parameters<typeof readProject>[0], files: ProjectFiles) {
  const result = await readProject(t, files);
  const step = buildsOf(result)[0]!.steps[0];
  assert.ok(step?.kind === 'shell-local' && step.script.kind === 'inline');
  return { line: step.script.lines[0]!, environment: step.environment, plan: result.plan! };
}

const rows: readonly (readonly [line: string, rendered: string])[] = [
  ['"id ${build.ID}"', 'id i-42'],
  ['build.ID', 'i-42'],
  ['"${build.ID}"', 'i-42'],
  ['"${upper(build.Host)}!"', 'WEB.EXAMPLE!'],
  ['lower(build.Host)', 'web.example'],
  ['"${build.name} ${build.User}@${build.Host}:${build.Port + 1}"', 'night debian@Web.Example:23'],
  ['"%{ if build.ConnType == "ssh" }yes%{ else }no%{ endif }"', 'yes'],
  ['"%{ for n in var.names }${n}=${build.ID};%{ endfor }"', 'x=i-42;y=i-42;'],
  ['join(",", [for n in var.names : "${n}-${build.ID}"])', 'x-i-42,y-i-42'],
  ['"${local.tags.role} ${local.tags["the zone"]} ${substr(build.ID, 2, -1)}"', 'web b 42'],
  ['<<EOT\nfirst ${source.name}\n  ${format("%s", build.ID)}\nEOT\n', 'first a\n  i-42\n'],
  ['<<-EOT\n    ${trimprefix(build.ID, "i-")}\n    EOT\n', '42\n'],
  ['"a ${build.ID} {{ upper `x` }} {{ build `Host` }}"', 'a i-42 X Web.Example'],
  ['"{{ upper `${build.ID}` }}"', 'I-42'],
  ['"{{ if true }}${lower(build.Host)}{{ end }}"', 'web.example'],
  ['build.Port > 20 ? "{{ build_name }}" : "small"', 'a'],
  ['jsonencode({ id = build.ID, names = var.names })', '{"id":"i-42","names":["x","y"]}'],
  ['"${var.password} ${upper(build.User)}"', 'geheim-1 DEBIAN'],
  ['try(build.ID, "none")', 'i-42'],
  ['"$${build.ID} ${build.ID}"', '${build.ID} i-42'],
];

test('texts wait for what only the running build can tell', async (t) => {
  for (const [line, rendered] of rows) {
    const { line: text, plan } = await firstLine(t, template(line));
    assert.notEqual(typeof text, 'string', line);
    assert.equal(render(text, plan.secrets, plan.origin.folder).text, rendered, line);
  }
});

test('the same holds for templates in JSON', async (t) => {
  const lines: readonly (readonly [string, string])[] = [
    ['id ${build.ID}', 'id i-42'],
    ['${upper("${build.Host}")} \t"', 'WEB.EXAMPLE \t"'],
    ['${build.Port + 1}', '23'],
    ['%{ if build.ConnType == "ssh" }yes%{ endif }', 'yes'],
    ['{{ build_name }} ${lower(build.Host)}', 'a web.example'],
  ];
  for (const [line, rendered] of lines) {
    const files = {
      'main.pkr.json': JSON.stringify({
        source: { null: { a: { communicator: 'none' } } },
        build: { sources: ['null.a'], provisioner: { 'shell-local': { inline: [line] } } },
      }),
    };
    const { line: text, plan } = await firstLine(t, files);
    assert.equal(render(text, plan.secrets, plan.origin.folder).text, rendered, line);
  }
});

test('plain references become holes of the template, as the old JSON has them', async (t) => {
  const { line } = await firstLine(t, template('"a ${build.ID} ${source.name}"'));
  assert.deepEqual(line, { kind: 'template', source: 'a {{ build `ID` }} a' });
});

test('an expression keeps no more values than it needs', async (t) => {
  const { line } = await firstLine(
    t,
    template('"${upper(build.ID)} ${local.tags.role} ${join(build.ID, var.names)}"'),
  );
  assert.ok(typeof line !== 'string');
  assert.equal(line.source, '{{ expression 0 }} web {{ expression 1 }}');
  assert.deepEqual(
    line.expressions?.map(({ source, values: kept }) => ({ source, kept })),
    [
      { source: 'upper(build.ID)', kept: {} },
      {
        source: 'join(build.ID, var.names)',
        kept: { var: { object: { names: ['x', 'y'] } } },
      },
    ],
  );
});

test('environment variables have their names before, whatever makes their values', async (t) => {
  const more = `environment_vars = concat(["PLAIN=1", "ID=\${build.ID}"], [for k, v in { H = build.Host, N = "n" } : "\${k}=\${lower(v)}"])
    env = { PORT = build.Port, BIG = upper(build.User) }`;
  const { environment, plan } = await firstLine(t, template('"x"', more));
  const found = environment.map(([name, value]) => [
    name,
    render(value, plan.secrets, plan.origin.folder).text,
  ]);
  assert.deepEqual(found, [
    ['PLAIN', '1'],
    ['ID', 'i-42'],
    ['H', 'web.example'],
    ['N', 'n'],
    ['BIG', 'DEBIAN'],
    ['PORT', '22'],
  ]);
});

test('a script that waits may bring its own first line', async (t) => {
  const result = await readProject(t, template('"#!/bin/bash\\necho ${build.ID}"'));
  const step = buildsOf(result)[0]!.steps[0];
  assert.ok(step?.kind === 'shell-local');
  assert.equal(step.inlineShebang, '');
});

test('secrets stay secrets while the build runs', async (t) => {
  const { line, plan } = await firstLine(
    t,
    template('"${base64encode("${var.password}:${build.ID}")} ${md5(build.Password)} ${upper(build.ID)}"'),
  );
  const { text, secrets } = render(line, plan.secrets, plan.origin.folder);
  const encoded = Buffer.from('geheim-1:i-42').toString('base64');
  const digest = createHash('md5').update('pass-word').digest('hex');
  assert.equal(text, `${encoded} ${digest} I-42`);
  assert.deepEqual([...secrets].sort(), [digest, encoded, 'pass-word'].sort());
});

const mistakes: readonly (readonly [line: string, more: string, complaint: RegExp])[] = [
  ['build.Nope', '', /unsupported attribute.*"Nope"/],
  ['"x"', 'max_retries = build.Port', /this must be known before the build runs, and build\.Port is not/],
  ['"x"', 'valid_exit_codes = [build.Port]', /and build\.Port is not \(only texts of provisioners/],
  ['"x"', 'env = { (build.ID) = "x" }', /what elements this has depends on build\.ID/],
];

test('what cannot wait is told', async (t) => {
  for (const [line, more, complaint] of mistakes) {
    assert.match(complaints(await readProject(t, template(line, more))).join('\n'), complaint, line + more);
  }
  const list = template('"x"').replace('inline = ["x"]', 'inline = split(",", build.ID)');
  assert.deepEqual(complaints(await readProject(t, list)), [
    '17:14: error: what elements this has depends on build.ID, known only when the build runs (only texts inside of lists and objects can wait for that)',
  ]);
  const source = `${outside.replace('"none"', 'build.ID')}\nbuild {\n sources = ["null.a"]\n}`;
  assert.match(complaints(await readProject(t, source)).join('\n'), /unsupported attribute.*"ID"/);
});

test('an expression that fails while the build runs is told with its text', async (t) => {
  const { line, plan } = await firstLine(t, template('"${parseint(build.Host, 10)}"'));
  assert.throws(() => render(line, plan.secrets, plan.origin.folder), {
    code: 'template-invalid',
    message: /the expression parseint\(build\.Host, 10\) cannot be worked out/,
  });
});
