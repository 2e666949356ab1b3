import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FileWish } from '../../plan/profile.ts';
import { profileOf } from './testing/profile-parts.ts';
import { type SystemShell, smallSystem, smallSystemObstacle } from './testing/small-system.ts';

const shells: readonly SystemShell[] = ['dash', 'bash', 'busybox'];
const skips = new Map<SystemShell, string | false>();
for (const shell of shells) skips.set(shell, (await smallSystemObstacle(shell)) ?? false);
const skip = skips.get('dash')!;

for (const shell of shells) {
  test(`a folder has the content of a local one, with ${shell}`, { skip: skips.get(shell)! }, async (t) => {
    const { apply, check, sh, tree, folder } = await smallSystem(t, shell);
    const source = join(folder, 'source');
    await mkdir(join(source, 'sub folder/deep'), { recursive: true });
    await mkdir(join(source, 'empty'));
    const names = ['plain', "it's $x", 'sub folder/-dash', 'sub folder/deep/[a]*', 'ünï'];
    for (const name of names) await writeFile(join(source, name), `${name}\n`);
    await writeFile(join(source, 'tool'), '#!/bin/sh\n', { mode: 0o755 });
    await symlink('plain', join(source, 'sub folder/link'));
    const wish: FileWish = {
      kind: 'directory',
      path: '/srv/site',
      source,
      exact: true,
      mode: 0o755,
      owner: 'ann',
      group: 'bob',
    };
    const profile = profileOf({ files: [wish] });
    assert.equal((await check(profile)).counts['would-change'], 1);
    const first = await apply(profile);
    assert.deepEqual(
      first.reports.map(({ outcome, message }) => [outcome, message]),
      [['changed', undefined]],
    );
    for (const name of names) {
      const path = join(tree, 'srv/site', name);
      assert.equal(await readFile(path, 'utf8'), `${name}\n`);
      const { mode, uid, gid } = await stat(path);
      assert.deepEqual([mode & 0o7777, uid, gid], [0o644, 1000, 1001]);
    }
    assert.equal((await stat(join(tree, 'srv/site/tool'))).mode & 0o777, 0o755);
    assert.equal(await readlink(join(tree, 'srv/site/sub folder/link')), 'plain');
    assert.equal((await stat(join(tree, 'srv/site/empty'))).uid, 1000);
    for (const again of [await apply(profile), await check(profile)]) assert.deepEqual(again.told, []);

    await sh(`cd /srv/site; echo changed >plain; rm -rf ünï; mkdir -p 'more/x'; echo x >'sub folder/deep/extra'
      rm 'sub folder/link'; ln -s other 'sub folder/link'; chmod 600 tool; chown 0:0 'sub folder/-dash'; rmdir empty; echo x >empty`);
    const drift = await check(profile);
    assert.deepEqual(drift.told.map((line) => line.replace(/sha256:\S+/, 'sha256')).sort(), [
      '  empty: something else, should be folder',
      '  mode of empty: another, should be 755',
      '  mode of tool: another, should be 755',
      '  more/x: there, should be absent',
      '  more: there, should be absent',
      '  owner of empty: another, should be ann:bob',
      '  owner of sub folder/-dash: another, should be ann:bob',
      '  owner of sub folder/link: another, should be ann:bob',
      '  plain: something else, should be sha256',
      '  sub folder/deep/extra: there, should be absent',
      '  sub folder/link: something else, should be link to plain',
      '  ünï: missing, should be sha256',
      'file /srv/site would change',
    ]);
    await apply(profile);
    assert.deepEqual((await check(profile)).told, []);
    assert.deepEqual((await readdir(join(tree, 'srv/site'))).sort(), (await readdir(source)).sort());
  });
}

test('a name that cannot be sent as part of a folder is refused before anything is done', {
  skip,
}, async (t) => {
  const { apply, folder } = await smallSystem(t);
  const source = join(folder, 'source');
  await mkdir(source);
  await writeFile(join(source, 'line\nbreak'), '');
  const files: readonly FileWish[] = [{ kind: 'directory', path: '/srv/x', source, exact: false }];
  await assert.rejects(apply(profileOf({ files })), { code: 'unsupported', message: /"line\\nbreak"/ });
});
