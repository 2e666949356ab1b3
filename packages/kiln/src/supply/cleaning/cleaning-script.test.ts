import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { soiledFiles } from '../testing/soiled-files.ts';
import { cleaningScript } from './cleaning-script.ts';

const namespace = ['--user', '--map-root-user', '--mount', '--propagation', 'private'];
const obstacle =
  spawnSync('unshare', [...namespace, 'true']).status === 0 ? false : 'no user namespaces here';

/** Folders of this host that a namespace gets others in the place of: nothing of the host is touched. */
const places = ['etc', 'var', 'root', 'home', 'tmp'];

test('in a machine the script does what is done to trees, and leaves alone what it needs while it runs', {
  skip: obstacle,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-clean-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const place of places) mkdirSync(join(folder, place));
  for (const [path, file] of soiledFiles) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof file === 'string') writeFileSync(target, file);
    else if ('symlink' in file) symlinkSync(file.symlink, target);
    else mkdirSync(target, { recursive: true });
  }
  const binds = places.map((place) => `mount --bind "$1/${place}" "/${place}"`);
  // /tmp last: the folder is below it.
  const text = ['set -e', ...binds, 'set --', cleaningScript()].join('\n');
  execFileSync('unshare', [...namespace, 'sh', '-c', text, 'sh', folder]);
  const left = new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }));
  for (const [path, , isCleaned] of soiledFiles) {
    const stays = left.has(path) && !(path === 'etc/machine-id' && statSync(join(folder, path)).size === 0);
    assert.equal(stays, !isCleaned, path);
  }
});

test('the script is one that every POSIX shell takes', () => {
  execFileSync('sh', ['-n'], { input: cleaningScript() });
  assert.doesNotMatch(cleaningScript(), /^(?:clear|remove|empty).* \/run(?:\s|\/|$)/m);
  if (!spawnSync('dash', ['-c', 'true']).error) execFileSync('dash', ['-n'], { input: cleaningScript() });
});
