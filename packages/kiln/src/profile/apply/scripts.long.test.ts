import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileProfile } from '../compile/compile-profile.ts';
import { noConfig } from '../profile-parts.ts';
import { profileOf, scriptOf, textFile } from './testing/profile-parts.ts';
import { type SystemShell, smallSystem, smallSystemObstacle } from './testing/small-system.ts';

const shells: readonly SystemShell[] = ['dash', 'bash', 'busybox'];
const skips = new Map<SystemShell, string | false>();
for (const shell of shells) skips.set(shell, (await smallSystemObstacle(shell)) ?? false);
const skip = skips.get('dash')!;

test('scripts run at their points, and only when there is something to do', { skip }, async (t) => {
  const { apply, check, sh } = await smallSystem(t);
  const log = (word: string) => `echo ${word} >>/srv/log`;
  const profile = profileOf({
    files: [textFile('/srv/file', 'x')],
    scripts: [
      scriptOf('last', log('last'), { unless: 'grep -q last /srv/log' }),
      scriptOf('first', log('first'), { at: 'first', unless: 'grep -q first /srv/log' }),
      scriptOf('after files', `test -e /srv/file; ${log('after-files')}; touch /srv/made`, {
        at: 'after-files',
        creates: '/srv/made',
      }),
      scriptOf('each time', log('each')),
    ],
  });
  const before = await check(profile);
  assert.deepEqual(
    before.reports.map(({ resource, outcome }) => `${resource.name} ${outcome}`),
    [
      'first would-change',
      '/srv/file would-change',
      'after files would-change',
      'last would-change',
      'each time ok',
    ],
  );
  assert.equal(await sh('ls -A /srv'), '');
  await apply(profile);
  assert.equal(await sh('cat /srv/log'), 'first\nafter-files\nlast\neach');
  assert.deepEqual((await apply(profile)).told, []);
  assert.deepEqual((await check(profile)).told, []);
  assert.equal(await sh('cat /srv/log'), 'first\nafter-files\nlast\neach\neach');
});

test('a script is run by what its first line says, stops at what fails, and tells itself that it changed something', {
  skip,
}, async (t) => {
  const { apply, sh } = await smallSystem(t);
  const profile = profileOf({
    scripts: [
      scriptOf('cat', '#!/bin/cat\nnot shell: $HOME "\'\n'),
      scriptOf('plain', 'echo "$HOME $PWD $0" | head -c 10; echo; false; echo never'),
      scriptOf('changes', 'touch "$KILN_CHANGED"'),
      scriptOf('lies', 'true', { creates: '/srv/never' }),
      scriptOf('missing', '#!/no/such/program\n'),
    ],
  });
  const { reports, output } = await apply(profile);
  assert.deepEqual(
    reports.map(({ outcome, message }) => [outcome, message]),
    [
      ['ok', undefined],
      ['failed', 'it ended with 1'],
      ['changed', undefined],
      ['failed', 'it ended well, but /srv/never is not there'],
      ['failed', 'it ended with 127'],
    ],
  );
  assert.ok(output.includes('not shell: $HOME "\''));
  assert.ok(!output.includes('never'));
  assert.equal(await sh('ls -A /tmp'), '');
});

test('when a first script fails, nothing else is done', { skip }, async (t) => {
  const { apply, sh } = await smallSystem(t);
  const profile = profileOf({
    files: [textFile('/srv/file', 'x')],
    config: { ...noConfig, environment: { A: 'b' } },
    scripts: [scriptOf('first', 'exit 9', { at: 'first' })],
  });
  const { told } = await apply(profile);
  assert.deepEqual(told, [
    'script first failed: it ended with 9',
    'setting environment skipped: script first failed',
    'file /srv/file skipped: script first failed',
  ]);
  assert.equal(await sh('ls -A /srv'), '');
});

for (const shell of shells) {
  test(`a rendered script works for people too, with ${shell}`, { skip: skips.get(shell)! }, async (t) => {
    const { guest, sh } = await smallSystem(t, shell);
    const profile = profileOf({
      files: [textFile('/srv/a', "it's\n"), textFile('/srv/b', 'b\n', { mode: 0o600 })],
      config: { ...noConfig, hosts: { '192.0.2.1': ['db'] } },
      scripts: [scriptOf('fails', 'echo sorry; exit 3', { unless: 'test -e /srv/fine' })],
    });
    const { script } = await compileProfile(profile, {
      platform: { manager: 'apt', init: 'none' },
      standalone: true,
      fetch: async () => '',
    });
    await guest.upload({
      from: { kind: 'bytes', bytes: Buffer.from(script) },
      to: '/root/profile.sh',
      mode: 0o600,
    });
    const run = (words: string) => sh(`sh /root/profile.sh ${words}; echo "ended with $?"`);
    assert.equal(
      await run('--check'),
      [
        ...['would-change: setting hosts', '    address of db: none -> 192.0.2.1'],
        ...[
          'would-change: file /srv/a',
          '    exists: no -> yes',
          'would-change: file /srv/b',
          '    exists: no -> yes',
        ],
        ...[
          'would-change: script fails',
          '    run: no -> yes',
          '4 would change, 0 failed, 0 skipped',
          'ended with 2',
        ],
      ].join('\n'),
    );
    assert.match(
      await run(''),
      /^sorry\nfailed: script fails: it ended with 3\n.*\n3 changed, 1 failed, 0 skipped\nended with 1$/ms,
    );
    await sh('touch /srv/fine');
    assert.equal(await run(''), '0 changed, 0 failed, 0 skipped\nended with 0');
    assert.equal(await run('--check'), '0 would change, 0 failed, 0 skipped\nended with 0');
    assert.match(await run('--what'), /^usage: .*\nended with 2$/s);
    assert.equal(await sh('grep db /etc/hosts; ls -A /tmp'), '192.0.2.1\tdb');
  });
}

test('lines of files are set one by one, and others stay as they are', { skip }, async (t) => {
  const { apply, check, sh } = await smallSystem(t);
  await sh(`
    printf '127.0.0.1 localhost # ours\\n# db here\\n192.0.2.9 db old\\n192.0.2.1\\tweb\\n::1 db6\\n' >/etc/hosts
    printf '# first\\nEDITOR=nano\\nexport LANG="C"\\nEDITOR=ed\\nKEEP=1' >/etc/environment`);
  const profile = profileOf({
    config: {
      ...noConfig,
      hosts: { '192.0.2.1': ['db', 'web'], '2001:db8::1': ['db'], '127.0.0.1': ['localhost'] },
      environment: { EDITOR: 'vi', LANG: 'C', QUOTED: '"a" b', SPACES: ' x ' },
      limits: [{ domain: '*', type: 'soft', item: 'core', value: '0' }],
      sysctl: { 'kernel.panic': '10' },
      modules: { load: ['loop'], blacklist: [] },
    },
  });
  await apply(profile);
  assert.equal(
    await sh('cat /etc/hosts'),
    '127.0.0.1 localhost # ours\n# db here\n192.0.2.9\told\n192.0.2.1\tweb db\n::1 db6\n2001:db8::1\tdb',
  );
  assert.equal(
    await sh('cat /etc/environment'),
    '# first\nEDITOR=vi\nexport LANG="C"\nKEEP=1\nQUOTED=""a" b"\nSPACES=" x "',
  );
  assert.equal(
    await sh(
      'cat /etc/security/limits.d/99-kiln.conf /etc/sysctl.d/99-kiln.conf /etc/modules-load.d/kiln.conf',
    ),
    '* soft core 0\nkernel.panic = 10\nloop',
  );
  assert.deepEqual((await check(profile)).told, []);
  // Another profile leaves alone what it does not speak of.
  const other = profileOf({ config: { ...noConfig, sysctl: { 'vm.swappiness': '1' } } });
  await apply(other);
  assert.equal(await sh('cat /etc/sysctl.d/99-kiln.conf'), 'kernel.panic = 10\nvm.swappiness = 1');
});
