import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KilnEvent } from '../base/events.ts';
import type { Build, Plan } from '../plan/plan.ts';
import { runPlan } from './run-plan.ts';
import { nullBuild, realServices, shellLocal } from './test-support.ts';

test('people see the name of a build, its scripts and manifests the inner one', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-names-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const build: Build = {
    ...nullBuild('night.null.web', {
      steps: [
        shellLocal([
          'echo "$PACKER_BUILD_NAME" > name',
          { kind: 'template', source: 'echo {{ build_name }}' },
        ]),
      ],
      outputs: [
        [
          {
            kind: 'manifest',
            output: join(folder, 'm.json'),
            stripPath: false,
            stripTime: true,
            customData: {},
          },
        ],
      ],
    }),
    innerName: 'web',
  };
  const plan: Plan = {
    kind: 'plan',
    origin: { file: 't.pkr.hcl', folder, dialect: 'packer-hcl' },
    builds: [build],
    machines: [],
    secrets: [],
  };
  const events: KilnEvent[] = [];
  const result = await runPlan(
    plan,
    { emit: (event) => events.push(event) },
    realServices(join(folder, 'home')),
  );
  assert.equal(result.outcome, 'succeeded', String(result.builds[0]?.errors));
  assert.equal(await readFile(join(folder, 'name'), 'utf8'), 'web\n');
  assert.equal(JSON.parse(await readFile(join(folder, 'm.json'), 'utf8')).builds[0].name, 'web');
  assert.deepEqual([...new Set(events.map((event) => event.build))], ['night.null.web']);
  const said = events.flatMap((event) => (event.kind === 'output' ? [event.line] : []));
  assert.deepEqual(said, ['web']);
});

test('values that a machine does not give are empty, and those of a file server say that there is none', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-values-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const names = ['ID', 'WinRMPassword', 'PackerHTTPAddr', 'PackerHTTPIP', 'PackerHTTPPort'];
  const source = names.map((name) => `{{ build \`${name}\` }}`).join('|');
  const build = nullBuild('a', {
    steps: [shellLocal([{ kind: 'template', source: `echo '${source}' > values` }])],
  });
  const plan: Plan = {
    kind: 'plan',
    origin: { file: 't.json', folder, dialect: 'packer-json' },
    builds: [build],
    machines: [],
    secrets: [],
  };
  const result = await runPlan(plan, { emit: () => {} }, realServices(join(folder, 'home')));
  assert.equal(result.outcome, 'succeeded', String(result.builds[0]?.errors));
  const none = (part: string) => `ERR_HTTP_${part}_NOT_IMPLEMENTED_BY_BUILDER`;
  assert.equal(
    await readFile(join(folder, 'values'), 'utf8'),
    `Null||${none('ADDR')}|${none('IP')}|${none('PORT')}\n`,
  );
});
