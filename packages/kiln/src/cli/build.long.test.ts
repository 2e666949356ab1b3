import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

/** Builds that make no machine: real, and over in a moment. */
function template(provisioners: readonly object[], more: object = {}): string {
  return JSON.stringify({
    builders: [{ type: 'null', name: 'try', communicator: 'none' }],
    provisioners,
    ...more,
  });
}

const local = (...inline: string[]) => ({ type: 'shell-local', inline });

/** Times and folders of logs differ from run to run. */
function steady(text: string): string {
  return text
    .replace(/\d+(?:\.\d)? m?s\b/g, 'TIME')
    .replace(/logs\/[^/]+\//g, 'logs/RUN/')
    .replace(/\/tmp\/[\w./-]+/g, 'TMP');
}

test('a build tells its story on stderr and its results on stdout', async (t) => {
  const { kiln, folder } = makeWorkshop(t, {
    'a.json': JSON.stringify({
      builders: [{ type: 'file', name: 'note', target: 'out.txt', content: 'hello' }],
      'post-processors': [{ type: 'checksum', checksum_types: ['md5'], output: 'out.md5' }],
    }),
  });
  const { code, stdout, stderr } = await kiln('build', 'a.json');
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(join(folder, 'out.txt'), 'utf8'), 'hello');
  assert.match(stdout, /^note: .*out\.txt/m);
  const lines = steady(stderr).split('\n');
  assert.equal(lines[0], 'note: build started');
  assert.equal(lines.at(-2), 'note: build succeeded after TIME');
});

test('a failed build says what failed, what it printed last and where its log is', async (t) => {
  const { kiln } = makeWorkshop(t, {
    'a.json': template([local('echo one; echo two >&2'), local('echo three', 'exit 7'), local('echo never')]),
  });
  const { code, stdout, stderr } = await kiln('build', 'a.json');
  assert.equal(code, 1);
  assert.equal(stdout, '');
  const text = steady(stderr);
  const summary = text.slice(text.indexOf('\n\n') + 2);
  assert.match(
    summary,
    /^build try failed after TIME, in step 2 of 3: shell-local\n {2}last output:\n {2}\| three\n.*error: .*7/s,
  );
  assert.match(summary, /\nlog: HOME\/logs\/RUN\/try\.log\n$/);
  assert.doesNotMatch(stderr, /never/);
});

test('the log has the whole output of a build', async (t) => {
  const { kiln, home } = makeWorkshop(t, {
    'a.json': template([local('i=0; while [ $i -lt 50 ]; do echo line $i; i=$((i+1)); done; exit 1')]),
  });
  const { stderr } = await kiln('build', 'a.json');
  const log = /^log: HOME(.*)$/m.exec(stderr)![1]!;
  const content = readFileSync(join(home, log), 'utf8');
  assert.match(content, /line 0$/m);
  assert.match(content, /line 49$/m);
  // The summary repeats the end of it only.
  assert.equal(stderr.match(/^ {2}\| line/gm)?.length, 15);
});

test('programs get one JSON object a line, the last with the whole result', async (t) => {
  const { kiln } = makeWorkshop(t, { 'a.json': template([local('echo hi; exit 3')]) });
  const { code, stdout, stderr } = await kiln('build', '--json', 'a.json');
  assert.deepEqual([code, stderr], [1, '']);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const event of events) assert.ok(!Number.isNaN(Date.parse(String(event.time))));
  assert.deepEqual(
    events.filter((one) => one.event === 'output').map(({ build, stream, line }) => [build, stream, line]),
    [['try', 'stdout', 'hi']],
  );
  const last = events.at(-1) as {
    event: string;
    outcome: string;
    exitCode: number;
    builds: { name: string; errors: { code: string }[] }[];
  };
  assert.deepEqual([last.event, last.outcome, last.exitCode], ['finished', 'failed', 1]);
  assert.deepEqual(
    last.builds.map((build) => [build.name, build.errors.map((error) => error.code)]),
    [['try', ['step-failed']]],
  );
});

test('programs get the mistakes of a template as events too', async (t) => {
  const { kiln } = makeWorkshop(t, { 'kiln.yaml': 'kiln: 1\nimages: {web: {from: 1.qcow2, cpu: 1}}\n' });
  const { code, stdout } = await kiln('build', '--json');
  assert.equal(code, 1);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    events.map(({ event, code, message }) => [event, code, message]),
    [
      ['error', 'template-invalid', '"1.qcow2" looks like a file'],
      ['error', 'template-invalid', 'an image has no field "cpu"'],
    ],
  );
});

test('secrets are shown nowhere: not in the story, not in the log, not as JSON', async (t) => {
  const secret = 'hunter2-and-more';
  const { kiln, home } = makeWorkshop(t, {
    'a.json': template([local('echo "the token is {{user `token`}}"; exit 1')], {
      variables: { token: '' },
      'sensitive-variables': ['token'],
    }),
  });
  const plain = await kiln('build', '-var', `token=${secret}`, 'a.json');
  const json = await kiln('build', '--json', '-var', `token=${secret}`, 'a.json');
  assert.match(plain.stderr, /the token is <sensitive>/);
  for (const { stdout, stderr } of [plain, json]) assert.ok(!`${stdout}${stderr}`.includes(secret));
  for (const file of readdirSync(home, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    assert.ok(!readFileSync(join(file.parentPath, file.name), 'utf8').includes(secret), file.name);
  }
});

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${name} cancels politely and ends with 130`, async (t) => {
    const { start, home } = makeWorkshop(t, { 'a.json': template([local('echo started; sleep 300')]) });
    const started = start(['build', 'a.json']);
    await started.printed('try:    started');
    started.signal(name);
    const { code, stdout, stderr } = await started.done;
    assert.deepEqual([code, stdout], [130, '']);
    assert.match(
      stderr,
      name === 'SIGINT'
        ? /^cancelling; press Ctrl-C again to hurry$/m
        : new RegExp(`^cancelling because of ${name}$`, 'm'),
    );
    assert.match(stderr, /^try: cancelled$/m);
    assert.deepEqual(existsSync(join(home, 'runs')) ? readdirSync(join(home, 'runs')) : [], []);
  });
}

test('a second Ctrl-C ends what will not end politely', async (t) => {
  const { start } = makeWorkshop(t, {
    'a.json': template([local('trap "echo no" TERM INT; echo started; while :; do sleep 1; done')]),
  });
  const started = start(['build', 'a.json']);
  await started.printed('try:    started');
  started.signal('SIGINT');
  await started.printed('cancelling; press');
  started.signal('SIGINT');
  const { code, stderr } = await started.done;
  assert.equal(code, 130);
  assert.match(stderr, /^cancelling in a hurry$/m);
});

test('timestamps stand in front of every line', async (t) => {
  const { kiln } = makeWorkshop(t, { 'a.json': template([local('echo hi')]) });
  const { stderr } = await kiln('build', '--timestamps', 'a.json');
  for (const line of stderr.trimEnd().split('\n')) assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z /);
});

test('several builds run at once, each with its name in front', async (t) => {
  const { kiln } = makeWorkshop(t, {
    'a.json': template([local('echo from $PACKER_BUILD_NAME')], {
      builders: ['a', 'b', 'c'].map((name) => ({ type: 'null', name, communicator: 'none' })),
    }),
  });
  const { code, stderr } = await kiln('build', '--only', 'a,c', 'a.json');
  assert.equal(code, 0);
  assert.match(stderr, /^a: {4}from a$/m);
  assert.match(stderr, /^c: {4}from c$/m);
  assert.doesNotMatch(stderr, /^b:/m);
});

test('what this host cannot do is said before anything is built', async (t) => {
  const { kiln, home } = makeWorkshop(t, {
    'a.json': JSON.stringify({
      builders: [
        { type: 'qemu', iso_url: './nope.iso', iso_checksum: 'none', ssh_username: 'a', ssh_password: 'b' },
      ],
    }),
  });
  const { code, stderr } = await kiln('build', 'a.json');
  assert.equal(code, 1);
  assert.match(stderr, /nope\.iso/);
  assert.equal(existsSync(join(home, 'logs')), false);
});

test('a template with nothing to build says so', async (t) => {
  const { kiln } = makeWorkshop(t, { 'kiln.yaml': 'kiln: 1\n' });
  assert.deepEqual(await kiln('build'), {
    code: 0,
    stdout: '',
    stderr: 'kiln.yaml has nothing to build\n',
  });
});
