import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { storeLayout } from '../../store/home.ts';
import { cachedFile } from '../digest-cache.ts';
import { fetchPackages } from './fetch-packages.ts';
import { makeLocalRepository } from './local-repository.ts';
import { keepStanzas } from './package-cache.ts';
import { resolvePackages } from './resolve-packages.ts';
import { toRootfsLock } from './rootfs-lock.ts';
import { ResolveBench, skipResolving as skip, webPackages } from './testing/resolve-bench.ts';
import { smallSystem } from './testing/test-archive.ts';

let bench: ResolveBench;

before(async () => {
  if (!skip) bench = await ResolveBench.open();
});

after(async () => {
  if (!skip) await bench.close();
});

test('apt installs from it what is locked, with no index of the archive and no network', {
  skip,
}, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const home = bench.newHome();
  const context = bench.context(home);
  const { signal, aptFolder } = context;
  const resolution = await resolvePackages(bench.request({ wishes: ['nginx'] }), context);
  const { base, more } = toRootfsLock(resolution.resolved);
  assert.ok(base[0]!.urls[0]!.startsWith('http://deb.debian.org/debian/pool/'));
  await fetchPackages([...base, ...more], { home, signal, ...(aptFolder && { aptFolder }) });
  const folder = join(home, 'repository');
  const line = await makeLocalRepository(folder, [...base, ...more], { home, signal });
  assert.equal(line, `deb [trusted=yes] copy:${folder} ./`);

  const state = join(home, 'state');
  for (const name of ['lists/partial', 'cache/archives/partial', 'dpkg'])
    mkdirSync(join(state, name), { recursive: true });
  writeFileSync(join(state, 'sources.list'), `${line}\n`);
  writeFileSync(join(state, 'status'), '');
  const options = {
    'Dir::State': state,
    'Dir::State::status': join(state, 'status'),
    'Dir::State::lists': join(state, 'lists'),
    'Dir::Cache': join(state, 'cache'),
    'Dir::Etc::sourcelist': join(state, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'APT::Architecture': 'amd64',
    'APT::Sandbox::User': 'root',
  };
  const apt = (...args: string[]) =>
    execFileSync('apt-get', [...args, ...Object.entries(options).flatMap((pair) => ['-o', pair.join('=')])], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  apt('update');
  const planned = apt(
    'install',
    '--simulate',
    '-y',
    '--no-install-recommends',
    '?essential',
    'passwd',
    'apt',
    'sudo',
    'nginx',
  );
  const installed = [...planned.matchAll(/^Inst (\S+) \((\S+) /gm)].map((match) => `${match[1]}=${match[2]}`);
  assert.deepEqual(installed.sort(), [...base, ...more].map((one) => `${one.name}=${one.version}`).sort());
});

test('the index has the same bytes whether it was made of the archive’s or of the packages', {
  skip,
}, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const [home, other] = [bench.newHome(), bench.newHome()];
  const context = bench.context(home);
  const { signal, aptFolder } = context;
  const resolution = await resolvePackages(bench.request({ wishes: ['nginx'] }), context);
  await keepStanzas(context.layout, resolution);
  const { base, more } = toRootfsLock(resolution.resolved);
  const indexes: string[] = [];
  for (const [index, store] of [home, other].entries()) {
    const packages = index === 0 ? [...base, ...more] : [...more, ...base];
    await fetchPackages(packages, { home: store, signal, ...(aptFolder && { aptFolder }) });
    await makeLocalRepository(join(store, 'repository'), packages, { home: store, signal });
    indexes.push(readFileSync(join(store, 'repository/Packages'), 'utf8'));
  }
  assert.equal(indexes[0], indexes[1]);
  assert.match(
    indexes[0]!,
    /^Package: nginx\nVersion: 1\.22\.1-9\nArchitecture: amd64\nDepends: nginx-common \(= 1\.22\.1-9\), libc6\nFilename: \.\/nginx_1\.22\.1-9_amd64\.deb\nSize: \d+\nSHA256: [0-9a-f]{64}\n$/m,
  );
  assert.ok(indexes[0]!.includes('./passwd_4.13_amd64.deb'), 'without the epoch');
  const name = readdirSync(join(other, 'repository')).find((one) => one.startsWith('nginx_'))!;
  const cached = cachedFile(storeLayout(other), more.find((one) => one.name === 'nginx')!.sha256);
  assert.equal(statSync(join(other, 'repository', name)).ino, statSync(cached).ino, 'a hard link');
  rmSync(cached);
  await assert.rejects(makeLocalRepository(join(other, 'again'), more, { home: other, signal }), {
    code: 'not-found',
    message: 'the package nginx 1.22.1-9 is not in the cache',
  });
});
