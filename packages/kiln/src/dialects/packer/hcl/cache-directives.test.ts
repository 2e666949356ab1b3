import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildsOf, complaints, readProject, writeProject } from './testing/projects.ts';

const source = 'source "null" "a" {\n  communicator = "none"\n}\n';

/** A template with this inside of its build. */
function template(build: string): string {
  return `${source}build {\n  sources = ["null.a"]\n${build}\n}\n`;
}

const everyPlace = template(`
  # kiln:cache=false
  provisioner "shell-local" {
    inline = ["above"]
  }
  provisioner "shell-local" { # kiln:cache=true
    inline = ["behind the brace"]
  }
  provisioner "shell-local" {
    inline = ["inside"] // kiln:cache max_age=1h
  }
  // kiln:cache = true
  # and more of a comment
  provisioner "shell-local" {
    inline = ["above other comments"]
  }
  /* kiln:cache max_age=10s */
  provisioner "shell-local" {
    inline = ["in a long comment"]
  }
  provisioner "shell-local" {
    inline = [
      # kiln: cache=false
      "inside of a list",
    ]
  }
  provisioner "shell-local" {
    inline = [<<-EOF
      # kiln:cache=false
      this is text of a script
    EOF
    , "# kiln:cache=false"]
  }
  # kiln:cache=true
  dynamic "provisioner" {
    for_each = ["x", "y"]
    labels   = ["shell-local"]
    content {
      inline = [provisioner.value]
    }
  }
`);

test('comments inside of a provisioner and above it say whether its result may come from a checkpoint', async (t) => {
  const result = await readProject(t, everyPlace);
  assert.deepEqual(complaints(result), []);
  assert.deepEqual(
    buildsOf(result)[0]?.steps.map(({ cache }) => cache),
    [false, {}, { maxAge: 3_600_000 }, {}, { maxAge: 10_000 }, false, undefined, {}, {}],
  );
});

test('Packer takes such a template', async (t) => {
  if (spawnSync('packer', ['version']).error) return t.skip('packer is not installed');
  // Packer 1.6.6 expands no blocks "dynamic" in a build.
  const folder = await writeProject(
    t,
    everyPlace.replace(/ {2}# kiln:cache=true\n {2}dynamic .*?\n {2}\}\n/s, ''),
  );
  const { status, stdout, stderr } = spawnSync('packer', ['validate', join(folder, 't.pkr.hcl')], {
    env: { ...process.env, CHECKPOINT_DISABLE: '1' },
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
});

test('what is wrong with such a comment is a warning with its place, and changes nothing', async (t) => {
  const result = await readProject(
    t,
    template(`  # kiln:cache=false

  provisioner "shell-local" {
    # kiln:cache=fales
    inline = ["a"]
  } # kiln:cache=false
  provisioner "shell-local" {
    inline = ["b"] # kiln:cahce=false
    # kiln:cache max_age=5
    # kiln: a nice tool
    # see kiln:cache=false
    # kiln:memory=no
    // kiln:cache
  }
  post-processor "shell-local" {
    # kiln:cache=false
    inline = ["c"]
  }
  # kiln:cache=false`),
  );
  assert.deepEqual(
    buildsOf(result)[0]?.steps.map(({ cache }) => cache),
    [undefined, undefined],
  );
  const nowhere =
    'warning: kiln:cache belongs to no provisioner here (write it inside of a provisioner, or on the line above one)';
  assert.deepEqual(complaints(result), [
    `6:3: ${nowhere}`,
    '9:5: warning: kiln:cache cannot be "fales", and is overlooked (did you mean "false"?)',
    `11:5: ${nowhere}`,
    '13:20: warning: there is no directive "kiln:cahce" (did you mean "kiln:cache"?)',
    '14:5: warning: kiln:cache: the max_age "5" is no duration, and is overlooked (write 5s for seconds)',
    '17:5: warning: there is no directive "kiln:memory" (the only one is kiln:cache)',
    '18:5: warning: kiln:cache cannot be "", and is overlooked (say "false", "true" or "max_age=24h")',
    `21:5: ${nowhere}`,
    `24:3: ${nowhere}`,
  ]);
});

test('directives are of the file in which they stand', async (t) => {
  const build = (name: string, comment: string) =>
    `build {\n  name = "${name}"\n  sources = ["null.a"]\n  provisioner "shell-local" { ${comment}\n    inline = ["x"]\n  }\n}\n`;
  const result = await readProject(t, {
    'a.pkr.hcl': build('one', '# kiln:cache=false'),
    'b.pkr.hcl': build('two', '# kiln-cache=false'),
    'c.pkr.hcl': `# kiln:cache=false\n${source}`,
  });
  assert.deepEqual(
    buildsOf(result).map(({ steps }) => steps[0]?.cache),
    [false, undefined],
  );
  assert.match(complaints(result).join(), /^c\.pkr\.hcl:1:1: warning: [^,]*, or on the line above one\)$/);
});
