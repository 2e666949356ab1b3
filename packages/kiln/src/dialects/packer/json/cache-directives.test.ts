import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildsOf, complaints, readTemplate } from '../testing.ts';

const steps = [
  { type: 'shell-local', inline: ['true'] },
  { type: 'sleep', duration: '1s' },
  { type: 'shell-local', inline: ['false'] },
  { type: 'breakpoint', disable: true },
];

function template(comments: Readonly<Record<string, unknown>>): object {
  return {
    '_a comment': 'of the user',
    ...comments,
    builders: [{ type: 'null', communicator: 'none' }],
    provisioners: steps,
  };
}

const right: Readonly<Record<string, string>> = {
  '_kiln:cache:2': 'false',
  '_kiln:cache:shell-local': 'true',
  '_kiln:cache:3': 'max_age=1h30m',
};

test('comments of the root say of provisioners whether their results may come from checkpoints', () => {
  const result = readTemplate(template(right));
  assert.deepEqual(complaints(result), []);
  assert.deepEqual(
    buildsOf(result)[0]?.steps.map(({ cache }) => cache),
    [{}, false, { maxAge: 5_400_000 }, undefined],
  );
});

test('Packer takes such a template, and not one whose comments are no texts', (t) => {
  if (spawnSync('packer', ['version']).error) return t.skip('packer is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'kiln-directives-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const validate = (comments: Readonly<Record<string, unknown>>) => {
    const path = join(folder, 't.json');
    writeFileSync(path, JSON.stringify(template(comments)));
    return spawnSync('packer', ['validate', path], { env: { ...process.env, CHECKPOINT_DISABLE: '1' } })
      .status;
  };
  assert.equal(validate(right), 0);
  assert.equal(validate({ '_kiln:cache:2': false }), 1);
  assert.equal(validate({ _kiln: { cache: { '2': false } } }), 1);
});

test('what is wrong with such a comment is a warning with its place, and changes nothing', () => {
  const text = `{
  "_kiln:cache:5": "false",
  "_kiln:cache:0": "false",
  "_kiln:cache:shell": "false",
  "_kiln:cache": "false",
  "_kiln:cahce:1": "false",
  "_kiln:memory:1": "false",
  "_kiln": {"cache": {}},
  "_kiln:cache:1": "fales",
  "_kiln:cache:2": "max_age=1",
  "_kiln:cache:3": "never",
  "_kiln:cache:4": {"max_age": "1h"},
  "_kilns": "of no interest",
  "builders": [{"type": "null", "communicator": "none"}],
  "provisioners": ${JSON.stringify(steps)}
}`;
  const result = readTemplate(text);
  assert.deepEqual(
    buildsOf(result)[0]?.steps.map(({ cache }) => cache),
    [undefined, undefined, undefined, undefined],
  );
  const example = '(write "_kiln:cache:2": "false" for the second provisioner)';
  const forms = '(say "false", "true" or "max_age=24h")';
  assert.deepEqual(complaints(result), [
    '2:3: warning: there is no provisioner 5: the template has 4',
    '3:3: warning: there is no provisioner 0: the template has 4',
    `4:3: warning: there is no provisioner of the type "shell" ${example}`,
    `5:3: warning: "_kiln:cache" names no provisioner ${example}`,
    '6:3: warning: there is no directive "kiln:cahce" (did you mean "kiln:cache"?)',
    '7:3: warning: there is no directive "kiln:memory" (the only one is kiln:cache)',
    `8:3: warning: "_kiln" says nothing to Kiln ${example}`,
    '9:20: warning: kiln:cache cannot be "fales", and is overlooked (did you mean "false"?)',
    '10:20: warning: kiln:cache: the max_age "1" is no duration, and is overlooked (write 1s for seconds)',
    `11:20: warning: kiln:cache cannot be "never", and is overlooked ${forms}`,
    `12:20: warning: Packer refuses a comment that is an object ${forms}`,
  ]);
});

test('a switch without quotes does what it says, and Packer’s verdict is told', () => {
  const result = readTemplate(template({ '_kiln:cache:1': false }));
  assert.equal(buildsOf(result)[0]?.steps[0]?.cache, false);
  assert.match(complaints(result).join(), /Packer refuses a comment that is false/);
});
