import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sleep } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import { run, runOrFail } from '../base/processes.ts';
import { makeWorkshop } from './testing.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const sharedHome = process.env['KILN_TEST_HOME'] ?? join(homedir(), '.cache', 'kiln', 'test');

const project = `kiln: 1
machines:
  source:
    from: debian/12
    memory: 512M
  copy:
    from: box:./source.box
    memory: 512M
  back:
    from: box:./package.box
    memory: 512M
`;

const vagrantfile = `Vagrant.configure("2") do |config|
  config.vm.box = "kiln-test/source"
  config.vm.hostname = "vagrants"
  config.vm.synced_folder ".", "/vagrant", disabled: true
  config.vm.provider :libvirt do |libvirt|
    libvirt.driver = "qemu"
    libvirt.memory = 512
    libvirt.default_prefix = "kiln-test-"
  end
end
`;

/** What must not be the same in two machines of one box. */
const identity =
  'cat /etc/machine-id; cut -d" " -f2 /etc/ssh/ssh_host_ed25519_key.pub; cat /sys/class/net/e*/address';
const uri = 'qemu:///system';

test('a box of a machine is booted by Kiln and by Vagrant, and Kiln boots what Vagrant packs', {
  timeout: 900_000,
}, async (t) => {
  const { kiln, folder } = makeWorkshop(
    t,
    { 'kiln.yaml': project, own: 'packed\n' },
    { KILN_HOME: sharedHome },
  );
  t.after(() => kiln('destroy', '--force'));
  const works = async (...args: string[]) => {
    const result = await kiln(...args);
    assert.equal(result.code, 0, `${args.join(' ')}:\n${result.stderr}`);
    return result.stdout;
  };
  const identityOf = async (name: string) =>
    (await works('exec', name, '--', 'sh', '-c', identity)).split('\n').slice(0, 2);

  await works('up', 'source');
  await works('exec', 'source', '--', 'sudo', 'sh', '-c', 'echo "made in Kiln" > /etc/from');
  const source = await identityOf('source');
  await works('package', 'source', '-o', 'source.box', '--include', 'own');
  const taken = await kiln('package', 'source', '-o', 'source.box');
  assert.match(taken.stderr, /^error: FOLDER\/source\.box exists already/);
  await works('destroy', 'source', '--force');

  await t.test('in Kiln, as the user that boxes have, and as a machine of its own', async () => {
    await works('up', 'copy');
    assert.equal(
      await works('exec', 'copy', '--', 'sh', '-c', 'id -un; sudo -n id -un; cat /etc/from'),
      'vagrant\nroot\nmade in Kiln\n',
    );
    const copy = await identityOf('copy');
    assert.ok(
      copy.every((fact, index) => fact.length > 20 && fact !== source[index]),
      `${copy} is not ${source}`,
    );
    await works('destroy', 'copy', '--force');
  });

  await t.test('in Vagrant with libvirt, and back', async (inner) => {
    const missing = await whatIsMissing(inner);
    if (missing !== undefined) return inner.skip(missing);
    const own = join(folder, 'vagrant');
    mkdirSync(own);
    writeFileSync(join(own, 'Vagrantfile'), vagrantfile);
    const env = {
      ...process.env,
      VAGRANT_HOME: join(folder, 'vagrant-home'),
      VAGRANT_CHECKPOINT_DISABLE: '1',
      PATH: `${withoutSysprep(folder)}:${process.env['PATH']}`,
    };
    const vagrant = async (...args: string[]) => (await runOrFail('vagrant', args, { env, cwd: own })).stdout;
    inner.after(async () => {
      await run('vagrant', ['destroy', '-f'], { env, cwd: own });
      await run('virsh', ['-c', uri, 'vol-delete', '--pool', 'default', await baseVolume()]);
    });
    await vagrant('box', 'add', '../source.box', '--name', 'kiln-test/source');
    await vagrant('up', '--provider=libvirt');
    assert.equal(
      await vagrant('ssh', '-c', 'id -un; cat /etc/from; hostname', '--no-tty'),
      'vagrant\nmade in Kiln\nvagrants\n',
    );
    await vagrant('package', '--output', '../package.box');
    await works('up', 'back');
    assert.equal(
      await works('exec', 'back', '--', 'sh', '-c', 'id -un; cat /etc/from'),
      'vagrant\nmade in Kiln\n',
    );
  });
});

/** Vagrant's plugin calls these programs, which change nothing that is looked at here, and gives up without them. */
function withoutSysprep(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['virt-sysprep', 'virt-sparsify'])
    writeFileSync(join(bin, name), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  return bin;
}

async function baseVolume(): Promise<string> {
  const { stdout } = await run('virsh', ['-c', uri, 'vol-list', 'default']);
  return /kiln-test-VAGRANTSLASH-source\S*box\.img/.exec(stdout)?.[0] ?? 'none';
}

/** Why Vagrant cannot make machines here; undefined when it can. Starts libvirt's daemons where none run. */
async function whatIsMissing(t: TestContext): Promise<string | undefined> {
  for (const [program, ...args] of [
    ['vagrant', '--version'],
    ['virsh', '--version'],
    ['libvirtd', '--version'],
  ] as const) {
    if (!(await answers(program, args))) return `${program} is not installed`;
  }
  if (process.getuid?.() !== 0) return 'only root can use qemu:///system';
  const { stdout } = await run('vagrant', ['plugin', 'list'], {
    env: { ...process.env, VAGRANT_CHECKPOINT_DISABLE: '1' },
  });
  if (!/vagrant-libvirt/.test(stdout)) return 'vagrant-libvirt is not installed';
  const isUp = () => answers('virsh', ['-c', uri, 'version']);
  if (await isUp()) return undefined;
  const daemons = ['virtlogd', 'libvirtd'].map((name) => spawn(name, [], { stdio: 'ignore' }));
  t.after(() => {
    for (const daemon of daemons) daemon.kill();
  });
  for (let attempt = 0; attempt < 50; attempt++) {
    if (await isUp()) return undefined;
    await sleep(200);
  }
  return 'libvirtd does not run here';
}

async function answers(program: string, args: readonly string[]): Promise<boolean> {
  try {
    return (await run(program, args)).code === 0;
  } catch (error) {
    if (error instanceof KilnError && error.code === 'tool-missing') return false;
    throw error;
  }
}
