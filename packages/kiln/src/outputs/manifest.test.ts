import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ManifestOutput } from '../plan/output.ts';
import { runManifestOutput } from './manifest.ts';
import { buildWithPacker, makeOutputBench } from './test-support.ts';

const plain: ManifestOutput = {
  kind: 'manifest',
  output: 'packer-manifest.json',
  stripPath: false,
  stripTime: false,
  customData: {},
};

/** Times and ids as one word each: all that may differ from Packer's. */
function withoutTimesAndIds(manifest: string): string {
  return manifest
    .replaceAll(/"build_time": \d+/g, '"build_time": TIME')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID');
}

const expected = `{
  "builds": [
    {
      "name": "one",
      "builder_type": "file",
      "build_time": TIME,
      "files": [
        {
          "name": "out/one.txt",
          "size": 6
        }
      ],
      "artifact_id": "File",
      "packer_run_uuid": "UUID",
      "custom_data": null
    },
    {
      "name": "one",
      "builder_type": "file",
      "files": [
        {
          "name": "one.txt",
          "size": 6
        }
      ],
      "artifact_id": "File",
      "packer_run_uuid": "UUID",
      "custom_data": {
        "Z": "\\u003ca \\u0026 b\\u003e",
        "build": "it is one",
        "é": "\\u2028"
      }
    },
    {
      "name": "one",
      "builder_type": "file",
      "build_time": TIME,
      "files": null,
      "artifact_id": "File",
      "packer_run_uuid": "UUID",
      "custom_data": null
    }
  ],
  "last_run_uuid": "UUID"
}`;

test('a manifest is what Packer writes, byte for byte but for times and ids', async (t) => {
  const bench = await makeOutputBench(t);
  await mkdir(join(bench.folder, 'out'));
  await writeFile(join(bench.folder, 'out/one.txt'), 'hello\n');
  const context = bench.context();
  const artifact = bench.artifact([join(bench.folder, 'out/one.txt')]);
  await runManifestOutput(plain, artifact, context);
  const custom = {
    build: { kind: 'template', source: 'it is {{build_name}}' },
    Z: '<a & b>',
    é: '\u2028',
  } as const;
  await runManifestOutput(
    { ...plain, stripPath: true, stripTime: true, customData: custom },
    artifact,
    context,
  );
  await runManifestOutput(plain, bench.artifact([]), context);
  const ours = withoutTimesAndIds(await readFile(join(bench.folder, plain.output), 'utf8'));
  assert.equal(ours, expected);

  const theirs = join(bench.folder, 'theirs');
  await mkdir(theirs);
  const manifest = {
    type: 'manifest',
    strip_path: true,
    strip_time: true,
    custom_data: { build: 'it is {{build_name}}', Z: '<a & b>', é: '\u2028' },
  };
  await writeFile(
    join(theirs, 't.json'),
    JSON.stringify({
      builders: [{ type: 'file', name: 'one', content: 'hello\n', target: 'out/one.txt' }],
      'post-processors': ['manifest', manifest],
    }),
  );
  if ((await buildWithPacker(theirs, 't.json')) !== undefined) {
    const real = JSON.parse(await readFile(join(theirs, plain.output), 'utf8')) as { builds: unknown[] };
    assert.equal(real.builds.length, 2);
    const text = withoutTimesAndIds(await readFile(join(theirs, plain.output), 'utf8'));
    const third = ours.indexOf(
      ',\n    {\n      "name": "one",\n      "builder_type": "file",\n      "build_time": TIME,\n      "files": null',
    );
    assert.equal(text, `${ours.slice(0, third)}\n  ],\n  "last_run_uuid": "UUID"\n}`);
  }
  assert.deepEqual((await readdir(bench.folder)).sort(), ['out', 'packer-manifest.json', 'theirs']);
});

test('a manifest that Packer wrote is continued, unknown members dropped; force drops older runs', async (t) => {
  const bench = await makeOutputBench(t);
  const path = join(bench.folder, plain.output);
  await writeFile(
    path,
    '{"builds":[{"name":"old","extra":1,"files":[],"custom_data":{}}],"last_run_uuid":"before","more":2}',
  );
  await runManifestOutput(plain, bench.artifact([]), bench.context());
  const continued = JSON.parse(await readFile(path, 'utf8')) as { builds: Record<string, unknown>[] };
  assert.deepEqual(continued.builds[0], {
    name: 'old',
    builder_type: '',
    files: [],
    artifact_id: '',
    packer_run_uuid: '',
    custom_data: {},
  });
  assert.equal(continued.builds.length, 2);
  const forced = bench.context({ force: true, runUuid: 'another' });
  await runManifestOutput(plain, bench.artifact([]), forced);
  await runManifestOutput(plain, bench.artifact([]), forced);
  const fresh = JSON.parse(await readFile(path, 'utf8')) as { builds: unknown[] };
  assert.equal(fresh.builds.length, 2);
});

test('builds side by side all get into the manifest', async (t) => {
  const bench = await makeOutputBench(t);
  const names = Array.from({ length: 8 }, (_, index) => `build-${index}`);
  await Promise.all(
    names.map((name) =>
      runManifestOutput(plain, bench.artifact([]), bench.context({ build: { name, type: 'null' } })),
    ),
  );
  const { builds } = JSON.parse(await readFile(join(bench.folder, plain.output), 'utf8')) as {
    builds: { name: string }[];
  };
  assert.deepEqual(builds.map((build) => build.name).sort(), names);
  assert.deepEqual(await readdir(bench.folder), [plain.output]);
});

test('a lock that a dead owner left does not stop a manifest', async (t) => {
  const bench = await makeOutputBench(t);
  await writeFile(join(bench.folder, `${plain.output}.lock`), '');
  await runManifestOutput(plain, bench.artifact([]), bench.context());
  assert.deepEqual(await readdir(bench.folder), [plain.output]);
});

test('what is no manifest is refused and stays as it is', async (t) => {
  const bench = await makeOutputBench(t);
  const path = join(bench.folder, plain.output);
  for (const text of ['{"builds":', '[]', '{"builds":[{"name":5}]}', '{"builds":{}}', 'null']) {
    await writeFile(path, text);
    await assert.rejects(runManifestOutput(plain, bench.artifact([]), bench.context()), {
      code: 'output-failed',
    });
    assert.equal(await readFile(path, 'utf8'), text);
  }
});

test('a manifest goes into a folder that is made for it, and its artifact is the one that came', async (t) => {
  const bench = await makeOutputBench(t);
  const artifact = bench.artifact([]);
  const result = await runManifestOutput({ ...plain, output: 'a/b/m.json' }, artifact, bench.context());
  assert.ok((await stat(join(bench.folder, 'a/b/m.json'))).isFile());
  assert.equal(result.artifact, artifact);
  assert.ok(result.keepInput && result.keepIsForced);
});
