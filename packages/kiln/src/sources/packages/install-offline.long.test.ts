import assert from 'node:assert/strict';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { KilnError } from '../../base/errors.ts';
import { run, runOrFail } from '../../base/processes.ts';
import { asRoot, namespaceObstacle, removeTree } from '../../base/user-namespace.ts';
import type { LockedPackage } from '../../plan/locked-package.ts';
import { storeLayout } from '../../store/home.ts';
import { findRelease } from '../bootstrap/release.ts';
import { checkInstalled } from './check-installed.ts';
import { fetchPackages } from './fetch-packages.ts';
import { makeLocalRepository } from './local-repository.ts';
import { keepStanzas } from './package-cache.ts';
import { type Resolution, resolvePackages } from './resolve-packages.ts';
import { toRootfsLock } from './rootfs-lock.ts';

/** What cannot be done here, if anything. These tests need a mirror of Debian, and mmdebstrap. */
async function obstacle(): Promise<string | undefined> {
  const found = await namespaceObstacle();
  if (found) return `${found.message} (${found.hint})`;
  for (const tool of ['mmdebstrap', 'unshare', 'apt-get'])
    if ((await run('sh', ['-c', `command -v ${tool}`])).code !== 0) return `${tool} is not installed`;
  return undefined;
}

/** Both layers, one after the other. Nothing in here has a network, and no mount outlives it. */
const install = `
tree=$1 line=$2 more=$3
mmdebstrap --quiet --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --variant=essential --mode=root --format=directory --include="$4" \\
  --aptopt='APT::Install-Recommends "false"' '' "$tree" "$line"
cp "$tree/var/lib/dpkg/status" "$tree/../status-os"
mkdir -p "$tree/run/kiln/lists/partial"
mount --bind "$more" "$tree/mnt"
chroot "$tree" apt-get -q \\
  -o Dir::Etc::sourcelist=/mnt/sources.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=/run/kiln/lists \\
  -o APT::Sandbox::User=root update
chroot "$tree" apt-get -q -y --no-install-recommends \\
  -o Dir::Etc::sourcelist=/mnt/sources.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=/run/kiln/lists \\
  -o APT::Sandbox::User=root install less ed bsdutils netbase-
`;

test('from what is locked, mmdebstrap and apt install exactly that, with no network', async (t) => {
  const why = await obstacle();
  if (why) return t.skip(why);
  const home = await mkdtemp(join(tmpdir(), 'kiln-offline-'));
  t.after(() => removeTree(home));
  const { signal } = new AbortController();
  const layout = storeLayout(home);
  let resolution: Resolution;
  try {
    resolution = await resolvePackages(
      {
        ...{
          release: findRelease('debian', '12'),
          architecture: 'amd64',
          base: ['netbase', 'usr-is-merged'],
        },
        ...{ repositories: [], recommends: false },
        wishes: [
          { name: 'less', state: 'present' },
          { name: 'ed', state: 'latest' },
          { name: 'netbase', state: 'absent' },
        ],
      },
      { layout, signal },
    );
  } catch (error) {
    if (!(error instanceof KilnError && error.code === 'download-failed')) throw error;
    return t.skip(`no mirror of Debian can be reached: ${error.message}`);
  }
  await keepStanzas(layout, resolution);
  const { base, more, time } = toRootfsLock(resolution.resolved);
  assert.deepEqual(more.map((one) => one.name).sort(), ['ed', 'less']);
  assert.deepEqual(resolution.resolved.removed, ['netbase']);
  await fetchPackages([...base, ...more], { home, signal });
  const line = await makeLocalRepository(join(home, 'base'), base, { home, signal });
  await makeLocalRepository(join(home, 'more'), more, { home, signal });
  await runOrFail('sh', [
    '-c',
    'echo "deb [trusted=yes] file:/mnt ./" > "$0/sources.list"',
    join(home, 'more'),
  ]);
  const tree = join(home, 'tree');
  const include = base.filter((one) => !one.automatic).map((one) => one.name);
  await runOrFail(
    ...asRoot('unshare', [
      ...['--net', '--mount', '--', 'sh', '-ec', install, 'sh'],
      ...[tree, line, join(home, 'more'), include.join(',')],
    ]),
    {
      signal,
      env: {
        ...process.env,
        SOURCE_DATE_EPOCH: String(time),
        PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
      },
    },
  );
  checkInstalled(await readFile(join(home, 'status-os'), 'utf8'), base);
  const status = await readFile(join(tree, 'var/lib/dpkg/status'), 'utf8');
  checkInstalled(status, [...base, ...more], resolution.resolved.removed);
  // What essential packages need, mmdebstrap installs without apt: only apt leaves a mark.
  const marked = automaticIn(await readFile(join(tree, 'var/lib/apt/extended_states'), 'utf8'));
  assert.ok(marked.includes('libgnutls30'));
  assert.deepEqual(
    marked.filter((name) => !base.some((one) => one.name === name && one.automatic)),
    [],
  );
  assert.throws(() => checkInstalled(status, base), /less \S+ is not locked; |ed \S+ is not locked/);
});

/** Names that apt has marked as installed for the sake of others. */
function automaticIn(states: string): string[] {
  return [...states.matchAll(/^Package: (.*)\n(?:.*\n)*?Auto-Installed: 1$/gm)]
    .map((match) => match[1]!)
    .sort();
}

test('whatever is otherwise than locked is told', () => {
  const locked = (name: string, version: string): LockedPackage => ({
    ...{ name, version, architecture: 'amd64', sha256: 'a'.repeat(64), size: 1, urls: [] },
  });
  const stanza = (name: string, version: string, state = 'install ok installed') =>
    `Package: ${name}\nStatus: ${state}\nArchitecture: amd64\nVersion: ${version}\n`;
  const status = [
    stanza('a', '1'),
    stanza('b', '2'),
    stanza('c', '1', 'install ok half-configured'),
    stanza('d', '1'),
    stanza('e', '1', 'deinstall ok config-files'),
  ].join('\n');
  assert.throws(
    () =>
      checkInstalled(
        status,
        ['a', 'b', 'c', 'f'].map((name) => locked(name, '1')),
      ),
    {
      message:
        'not exactly the locked packages were installed: b is there as 2, and locked as 1; c is not configured (install ok half-configured); d 1 is not locked; f 1 is missing',
    },
  );
});
