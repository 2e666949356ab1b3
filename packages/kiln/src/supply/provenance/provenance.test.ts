import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kilnVersion } from '../../base/version.ts';
import { openSigningKey } from '../signing/signing-key.ts';
import type { BuildFacts } from './build-facts.ts';
import { bundleText, parseBundle } from './bundle.ts';
import { gitState } from './git-state.ts';
import { provenanceStatement } from './provenance-statement.ts';
import { sbomReference } from './sbom-reference.ts';
import { signStatement, statementIn } from './statement.ts';

const digest = (letter: string) => letter.repeat(64);

const facts: BuildFacts = {
  subjects: [{ name: 'web', sha256: digest('a') }],
  builder: 'rootfs',
  image: 'web',
  template: { name: 'kiln.yaml', sha256: digest('b') },
  profile: { name: 'profile', sha256: digest('c') },
  lock: { name: 'kiln.lock', sha256: digest('d') },
  source: { commit: '1'.repeat(40), clean: false, remote: 'https://example.org/web.git' },
  parameters: { size: '4G', debug: true },
  secretParameters: ['token', 'password'],
  epoch: 1_700_000_000,
  key: digest('e'),
  dependencies: [
    { kind: 'base', name: 'debian/12', sha256: digest('1') },
    {
      kind: 'package',
      os: { id: 'debian', version: '12' },
      package: {
        name: 'nginx',
        version: '1.22.1-9+deb12u1',
        architecture: 'amd64',
        sha256: digest('2'),
        size: 1,
        urls: ['https://deb.example.org/nginx.deb'],
      },
    },
    { kind: 'named-package', name: 'dash', version: '0.5.12-2', os: { id: 'debian', version: '12' } },
    { kind: 'file', path: 'page/index.html', sha256: digest('3') },
    { kind: 'download', url: 'https://example.org/tool.tar', sha256: digest('4') },
  ],
};

test('the statement says how files were made, in the terms of in-toto and SLSA', () => {
  assert.deepEqual(provenanceStatement(facts), {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'web', digest: { sha256: digest('a') } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:kiln:build:v1',
        externalParameters: {
          image: 'web',
          builder: 'rootfs',
          template: { name: 'kiln.yaml', digest: { sha256: digest('b') } },
          profile: { name: 'profile', digest: { sha256: digest('c') } },
          lock: { name: 'kiln.lock', digest: { sha256: digest('d') } },
          variables: { debug: true, size: '4G' },
          secretVariables: ['password', 'token'],
        },
        internalParameters: { sourceDateEpoch: 1_700_000_000, key: digest('e') },
        resolvedDependencies: [
          {
            name: 'source',
            uri: `git+https://example.org/web.git@${'1'.repeat(40)}`,
            digest: { gitCommit: '1'.repeat(40) },
            annotations: { clean: false },
          },
          { name: 'image debian/12', digest: { sha256: digest('1') } },
          {
            name: 'nginx',
            uri: 'pkg:deb/debian/nginx@1.22.1-9%2Bdeb12u1?arch=amd64&distro=debian-12',
            digest: { sha256: digest('2') },
            downloadLocation: 'https://deb.example.org/nginx.deb',
          },
          { name: 'dash', uri: 'pkg:deb/debian/dash@0.5.12-2?distro=debian-12' },
          { name: 'page/index.html', digest: { sha256: digest('3') } },
          { uri: 'https://example.org/tool.tar', digest: { sha256: digest('4') } },
        ],
      },
      runDetails: { builder: { id: 'urn:kiln:builder:local', version: { kiln: kilnVersion } } },
    },
  });
});

test('the order of parameters does not change a byte; times stand in it only when they are given', () => {
  const other = {
    ...facts,
    parameters: { debug: true, size: '4G' },
    secretParameters: ['password', 'token'],
  };
  assert.equal(JSON.stringify(provenanceStatement(other)), JSON.stringify(provenanceStatement(facts)));
  const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:05Z' };
  assert.deepEqual(provenanceStatement({ ...facts, times }).predicate.runDetails.metadata, {
    startedOn: times.startedAt,
    finishedOn: times.finishedAt,
  });
});

test('statements go into a bundle and come out of it; other lines mean nothing', async (t) => {
  const key = await openSigningKey(workFolder(t), {});
  const made = [provenanceStatement(facts), sbomReference(facts.subjects, { spdx: 's', cyclonedx: 'c' })];
  const text = `# note\n${bundleText(made.map((one) => signStatement(one, key)))}\n{"x":1}\n`;
  assert.deepEqual(parseBundle(text).map(statementIn), made);
});

test('documents are named by their digests and kinds', () => {
  const { predicate } = sbomReference(facts.subjects, { spdx: 's', cyclonedx: 'c' });
  assert.deepEqual(
    predicate.references.map(({ name, mediaType, downloadLocation }) => [
      name,
      mediaType,
      downloadLocation?.slice(0, 15),
    ]),
    [
      ['web.spdx.json', 'application/spdx+json', 'urn:sha256:043a'],
      ['web.cdx.json', 'application/vnd.cyclonedx+json', 'urn:sha256:2e7d'],
    ],
  );
});

function workFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-provenance-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('the state of a project is its commit, whether something differs from it, and where it comes from', async (t) => {
  const folder = workFolder(t);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  assert.equal(await gitState(folder), undefined, 'no project');
  git('init', '-q');
  assert.equal(await gitState(folder), undefined, 'no commit yet');
  mkdirSync(join(folder, 'images'));
  writeFileSync(join(folder, 'images', 'kiln.yaml'), 'x');
  git('add', '.');
  git('commit', '-qm', 'first');
  const commit = git('rev-parse', 'HEAD');
  assert.deepEqual(await gitState(join(folder, 'images')), { commit, clean: true });
  writeFileSync(join(folder, 'elsewhere'), 'x');
  assert.equal(
    (await gitState(join(folder, 'images')))?.clean,
    true,
    'what is outside of the folder does not count',
  );
  writeFileSync(join(folder, 'images', 'new'), 'x');
  assert.equal((await gitState(join(folder, 'images')))?.clean, false);
});

const remotes: readonly (readonly [remote: string, told: string | undefined])[] = [
  ['https://user:token@example.org/a/b.git', 'https://example.org/a/b.git'],
  ['https://example.org/a/b.git?access_token=x', 'https://example.org/a/b.git'],
  ['git@example.org:a/b.git', 'ssh://example.org/a/b.git'],
  ['ssh://git@example.org:2222/a/b.git', 'ssh://example.org:2222/a/b.git'],
  ['/srv/git/b.git', undefined],
  ['file:///srv/git/b.git', undefined],
];

for (const [remote, told] of remotes) {
  test(`of the remote ${remote} is told ${told ?? 'nothing'}`, async (t) => {
    const folder = workFolder(t);
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' });
    git('init', '-q');
    git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-q', '--allow-empty', '-m', 'x');
    git('remote', 'add', 'origin', remote);
    assert.equal((await gitState(folder))?.remote, told);
  });
}
