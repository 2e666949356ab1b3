import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type MachineRecord, writeRecord } from './machine-record.ts';
import { installInclude, namesForSsh, refreshInclude, removeInclude } from './ssh-include.ts';

function place(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-ssh-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { home: join(folder, 'kiln home'), config: join(folder, '.ssh', 'config') };
}

function machine(id: string, name: string, more: Partial<MachineRecord> = {}): MachineRecord {
  return {
    schema: 1,
    ...{ id, name, createdAt: `2026-01-0${id[0]}T00:00:00Z`, cpus: 1, memory: 2 ** 29, hostname: name },
    image: { description: 'debian/12', seeded: true },
    ...{ firmware: 'bios', user: 'kiln', sshPort: 2200 + Number(id[0]), ports: [] },
    ...more,
  };
}

/** What ssh(1) itself makes of the configuration. */
function asked(config: string, host: string): Map<string, string> {
  const text = execFileSync('ssh', ['-F', config, '-G', host], { encoding: 'utf8' });
  return new Map(text.split('\n').map((line) => [line.split(' ', 1)[0]!, line.slice(line.indexOf(' ') + 1)]));
}

test('ssh finds machines by name, those too that came later, and its own configuration stays', async (t) => {
  const { home, config } = place(t);
  mkdirSync(join(config, '..'), { recursive: true });
  writeFileSync(config, 'Host example\n  User ada\n', { mode: 0o644 });
  await writeRecord(home, machine('1aaaaaaa', 'web', { project: '/srv/my shop' }));
  assert.equal(await installInclude(home, config), true);
  assert.equal(await installInclude(home, config), false, 'a second time nothing changes');
  assert.equal(asked(config, 'web.my-shop').get('port'), '2201');
  assert.equal(asked(config, 'example').get('user'), 'ada');
  await writeRecord(home, machine('2bbbbbbb', 'db'));
  await refreshInclude(home);
  const db = asked(config, 'db.kiln');
  assert.deepEqual([db.get('port'), db.get('user')], ['2202', 'kiln']);
  assert.ok(db.get('identityfile')?.startsWith(home), 'a folder with a space in its name is no obstacle');
  assert.equal(statSync(join(home, 'ssh_config')).mode & 0o777, 0o600);
  assert.equal(await removeInclude(home, config), true);
  assert.equal(readFileSync(config, 'utf8'), 'Host example\n  User ada\n');
  await refreshInclude(home);
  assert.throws(() => statSync(join(home, 'ssh_config')), /ENOENT/, 'what is not installed is not kept');
});

test('a configuration that is a link stays one', async (t) => {
  const { home, config } = place(t);
  const real = join(config, '..', '..', 'dotfiles');
  mkdirSync(join(config, '..'), { recursive: true });
  writeFileSync(real, '');
  symlinkSync(real, config);
  await installInclude(home, config);
  assert.match(readFileSync(real, 'utf8'), /^Include /);
});

test('of machines with the same name the oldest has it, and containers without SSH have none', () => {
  const records = [
    machine('3ccccccc', 'web', { project: '/b/shop' }),
    machine('1aaaaaaa', 'web', { project: '/a/shop' }),
    machine('2bbbbbbb', 'box', { sshPort: 0 }),
  ];
  const names = [...namesForSsh(records)].map(([name, { id }]) => [name, id]);
  assert.deepEqual(names, [
    ['web.shop', '1aaaaaaa'],
    ['web.shop.3ccccccc', '3ccccccc'],
  ]);
});
