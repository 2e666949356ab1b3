import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { postgresMissing, startPostgres } from '../service/workers/testing/postgres.ts';
import { makeWorkshop } from './testing.ts';

const template = JSON.stringify({
  type: 'Microsoft.VirtualMachineImages/imageTemplates',
  apiVersion: '2025-10-01',
  name: 'web',
  location: 'local',
  identity: { type: 'None' },
  properties: {
    source: { type: 'PlatformImage', publisher: 'Kiln', offer: 'Null', sku: '1500ms', version: 'latest' },
    distribute: [{ type: 'VHD', runOutputName: 'disk' }],
  },
});

test('a worker needs the database of a farm, and a capacity that is one', async (t) => {
  const { kiln } = makeWorkshop(t);
  const alone = await kiln('worker');
  assert.equal(alone.code, 2);
  assert.match(alone.stderr, /a worker needs the database that its service has/);
  const odd = await kiln('worker', '--database', 'postgres://localhost/x', '--memory', 'much');
  assert.equal(odd.code, 2);
  assert.match(odd.stderr, /--memory: "much" is no size/);
});

test('a run goes to another worker when the one that has it is ended', {
  skip: postgresMissing ?? false,
  timeout: 180_000,
}, async (t) => {
  const postgres = await startPostgres();
  t.after(() => postgres.stop());
  const workshop = makeWorkshop(t, { 'web.json': template });
  const env = { KILN_DATABASE: postgres.url, KILN_TEST_NULL_BUILDS: '1' };
  const serving = workshop.start(['serve', '--no-worker', '--listen', '127.0.0.1:0'], env);
  const origin = await serving.line(/^https:\S+$/m);
  const file = (name: string) => join(workshop.home, 'service', name);
  const client = {
    ...{ KILN_SERVER: origin, KILN_CACERT: file('tls/ca.pem'), KILN_TOKEN_FILE: file('admin-token') },
  };
  const kiln = (...args: string[]) => workshop.start(['template', ...args], client).done;
  assert.equal((await kiln('submit', 'web.json')).code, 0);
  const id = (await kiln('run', 'web')).stdout.trim();
  const builds = (name: string) => join(workshop.folder, name);
  const work = async (name: string) => {
    const worker = workshop.start(
      ['worker', '--name', name, '--build-home', builds(name), '--cpus', '1'],
      env,
    );
    await worker.printed('ready');
    return worker;
  };
  const first = await work('first');
  const watching = workshop.start(['template', 'logs', id, '-f'], client);
  await watching.printed('customizing');
  first.signal('SIGTERM');
  assert.equal((await first.done).code, 0);
  assert.deepEqual(readdirSync(join(builds('first'), 'staging')), []);
  const second = await work('second');
  const waited = await kiln('wait', id, '--json', '--no-logs');
  const run = JSON.parse(waited.stdout) as { state: string; attempts: number };
  assert.deepEqual([waited.code, run.state, run.attempts], [0, 'Succeeded', 2], waited.stderr);
  const { stdout } = await watching.done;
  assert.match(stdout, /this worker stops: another one goes on with the run[\s\S]*attempt 2 of the run/);
  for (const one of [second, serving]) one.signal('SIGTERM');
  assert.deepEqual([(await second.done).code, (await serving.done).code], [0, 0]);
});
