import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

function template(name: string, sku: string): string {
  return JSON.stringify({
    type: 'Microsoft.VirtualMachineImages/imageTemplates',
    apiVersion: '2025-10-01',
    name,
    location: 'local',
    identity: { type: 'None' },
    properties: {
      source: { type: 'PlatformImage', publisher: 'Kiln', offer: 'Null', sku, version: 'latest' },
      distribute: [{ type: 'VHD', runOutputName: 'disk' }],
    },
  });
}

test('a pipeline submits a template, runs it, waits for it, and reads what it has made', async (t) => {
  const workshop = makeWorkshop(t, {
    'web.json': template('web', '20ms'),
    'broken.json': template('broken', '20ms-fail2'),
    'slow.json': template('slow', '60000ms'),
    'wrong.json': template('wrong', '1ms').replace('"VHD"', '"Floppy"'),
  });
  const serving = workshop.start(['serve', '--listen', '127.0.0.1:0'], { KILN_TEST_NULL_BUILDS: '1' });
  const origin = await serving.line(/^https:\S+$/m);
  const file = (name: string) => join(workshop.home, 'service', name);
  const env = {
    ...{ KILN_SERVER: origin, KILN_CACERT: file('tls/ca.pem'), KILN_TOKEN_FILE: file('admin-token') },
    ...{ KILN_GROUP: 'team', KILN_SUBSCRIPTION: 's' },
  };
  const start = (...args: string[]) => workshop.start(['template', ...args], env);
  const kiln = (...args: string[]) => start(...args).done;

  const wrong = await kiln('submit', 'wrong.json');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /Floppy/);

  const submitted = await kiln('submit', 'web.json');
  assert.equal(submitted.code, 0, submitted.stderr);
  assert.match(submitted.stdout, /^\/subscriptions\/s\/resourceGroups\/team\/.*imageTemplates\/web\n$/);
  const again = await kiln('submit', 'web.json');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /Conflict/);
  assert.equal((await kiln('submit', 'web.json', '--replace')).code, 0);

  const ran = await kiln('run', 'web', '--wait', '--junit', 'run.xml');
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^\/api\/v1\/disks\/[\w-]+\/disk\.vhd\n$/);
  assert.match(ran.stderr, /Z {5}customizing$/m);
  const report = readFileSync(join(workshop.folder, 'run.xml'), 'utf8');
  assert.match(report, /<testsuites name="web" tests="5" failures="0" errors="0" skipped="0"/);
  assert.match(
    report,
    /<testcase classname="web\.Validating" name="step 4 of 4: shell-local" time="0\.\d{3}"\/>/,
  );

  const first = await kiln('run', 'web', '--request-id', 'build-17');
  const same = await kiln('run', 'web', '--request-id', 'build-17');
  assert.match(first.stdout, /^[0-9a-f-]{36}\n$/);
  assert.equal(same.stdout, first.stdout);
  const waited = await kiln('wait', first.stdout.trim(), '--json', '--no-logs');
  assert.equal((JSON.parse(waited.stdout) as { state: string }).state, 'Succeeded');
  assert.equal(waited.stderr, '');

  assert.equal((await kiln('submit', 'broken.json')).code, 0);
  const failed = await kiln('run', 'broken', '--wait', '--junit', 'failed.xml', '--no-logs');
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /has ended: Failed \(.*exit code 1/);
  assert.match(
    readFileSync(join(workshop.folder, 'failed.xml'), 'utf8'),
    /name="step 2 of 4: shell-local".*<failure message="[^"]+" type="PackerBuildFailed"\/>/,
  );
  const logs = await kiln('logs', 'broken');
  assert.match(logs.stdout, /the run failed: /);

  assert.equal((await kiln('submit', 'slow.json')).code, 0);
  const interrupted = start('run', 'slow', '--wait', '--cancel-run');
  await interrupted.printed('    building');
  interrupted.signal('SIGINT');
  const ended = await interrupted.done;
  assert.equal(ended.code, 130, ended.stderr);
  assert.match(ended.stderr, /is being cancelled/);
  const settled = await kiln('wait', 'slow', '--no-logs');
  assert.equal(settled.code, 1);
  assert.match(settled.stderr, /has ended: Canceled/);

  await kiln('run', 'slow');
  const late = await kiln('wait', 'slow', '--timeout', '1s', '--no-logs');
  assert.equal(late.code, 1);
  assert.match(late.stderr, /has not ended within 1s/);
  const cancelled = await kiln('cancel', 'slow', '--wait');
  assert.equal(cancelled.code, 0, cancelled.stderr);
  assert.match(cancelled.stderr, /has ended: Canceled/);

  const list = await kiln('list');
  assert.match(list.stdout, /^web +team +Succeeded +Succeeded/m);
  assert.match(list.stdout, /^broken +team +Succeeded +Failed/m);
  assert.match(list.stdout, /^slow +team +Succeeded +Canceled/m);

  serving.signal('SIGTERM');
  assert.equal((await serving.done).code, 0);
  const builds = `${workshop.home}-builds`;
  assert.ok(existsSync(builds));
  assert.deepEqual(readdirSync(join(builds, 'staging')), []);
});
