import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, runOrFail } from '../base/processes.ts';
import { makeWorkshop } from './testing.ts';
import { libvirtUri, startLibvirt } from './vagrant/testing-libvirt.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const sharedHome = process.env['KILN_TEST_HOME'] ?? join(homedir(), '.cache', 'kiln', 'test');

const project = `kiln: 1
machines:
  source:
    from: debian/12
    memory: 512M
`;

/** In a folder and store of its own, which go with the test: nobody else needs these images. */
const users = `kiln: 1
machines:
  copy:
    from: box:../source.box
    memory: 512M
  back:
    from: box:../package.box
    memory: 512M
  two:
    from: box:../two.box
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
const identity = 'cat /etc/machine-id; cut -d" " -f2 /etc/ssh/ssh_host_ed25519_key.pub';

test('a box of a machine is booted by Vagrant, and Kiln boots what Vagrant packs', {
  timeout: 900_000,
}, async (t) => {
  const files = {
    'kiln.yaml': project,
    own: 'packed\n',
    'users/kiln.yaml': users,
    'vagrant/Vagrantfile': vagrantfile,
  };
  const { start, folder, home } = makeWorkshop(t, files, { KILN_HOME: sharedHome });
  const works = async (args: readonly string[], env?: Readonly<Record<string, string>>) => {
    const result = await start(args, env).done;
    assert.equal(result.code, 0, `${args.join(' ')}:\n${result.stderr}`);
    return result.stdout;
  };
  const usersFile = ['-f', join(folder, 'users/kiln.yaml')];
  const use = (command: string, name: string, ...rest: string[]) =>
    works([command, name, ...usersFile, ...rest], { KILN_HOME: home });
  try {
    await works(['up', 'source']);
    await works(['exec', 'source', '--', 'sudo', 'sh', '-c', 'echo "made in Kiln" > /etc/from']);
    const source = await works(['exec', 'source', '--', 'sh', '-c', identity]);
    await works(['package', 'source', '-o', 'source.box', '--include', 'own']);
    const again = await start(['package', 'source', '-o', 'source.box']).done;
    assert.match(again.stderr, /^error: FOLDER\/source\.box exists already/);
    await works(['destroy', 'source', '--yes']);

    let box = 'copy';
    await t.test('Vagrant with libvirt boots it, as a machine of its own, and packs it', async (inner) => {
      const libvirt = await startLibvirt();
      if (libvirt.kind === 'missing') return inner.skip(libvirt.why);
      t.after(libvirt.close);
      const cwd = join(folder, 'vagrant');
      const env = {
        ...process.env,
        VAGRANT_HOME: join(folder, 'vagrant-home'),
        VAGRANT_CHECKPOINT_DISABLE: '1',
        PATH: `${withoutSysprep(folder)}:${process.env['PATH']}`,
      };
      const vagrant = async (...args: string[]) => (await runOrFail('vagrant', args, { env, cwd })).stdout;
      try {
        await vagrant('box', 'add', '../source.box', '--name', 'kiln-test/source');
        await vagrant('up', '--provider=libvirt');
        const said = await vagrant('ssh', '--no-tty', '-c', `id -un; cat /etc/from; hostname; ${identity}`);
        assert.match(said, /^vagrant\nmade in Kiln\nvagrants\n/);
        for (const fact of source.trim().split('\n'))
          assert.ok(fact.length > 16 && !said.includes(fact), fact);
        await vagrant('package', '--output', '../package.box');
        box = 'back';
      } finally {
        await run('vagrant', ['destroy', '-f'], { env, cwd });
        await run('virsh', ['-c', libvirtUri, 'vol-delete', '--pool', 'default', await baseVolume()]);
      }
    });

    await t.test('Kiln boots such a box as the user that boxes have', async () => {
      await use('up', box);
      const said = await use(
        'exec',
        box,
        '--',
        'sh',
        '-c',
        `id -un; sudo -n id -un; cat /etc/from; ${identity}`,
      );
      assert.match(said, /^vagrant\nroot\nmade in Kiln\n/);
      for (const fact of source.trim().split('\n')) assert.ok(!said.includes(fact), fact);
    });

    await t.test('a second disk of a box is the second disk of its machines', async () => {
      await addDisk(folder);
      await use('up', 'two');
      const look = 'sudo head -c 12 /dev/vdb; echo more | sudo tee /dev/vdb';
      assert.equal(await use('exec', 'two', '--', 'sh', '-c', look), 'second disk\nmore\n');
      // It is the machine's own: others begin with what is in the box.
      await use('destroy', 'two', '--yes');
      await use('up', 'two');
      assert.equal(await use('exec', 'two', '--', 'sudo', 'head', '-c', '12', '/dev/vdb'), 'second disk\n');
    });
  } finally {
    await start(['destroy', '--yes']).done;
    await start(['destroy', ...usersFile, '--yes'], { KILN_HOME: home }).done;
  }
});

/** Makes `two.box` of `source.box`: the same with one disk more. */
async function addDisk(folder: string): Promise<void> {
  const unpacked = join(folder, 'two');
  mkdirSync(unpacked);
  await runOrFail('tar', ['-xf', join(folder, 'source.box'), '-C', unpacked]);
  writeFileSync(join(unpacked, 'data.raw'), 'second disk\n'.padEnd(1 << 20, '\0'));
  await runOrFail('qemu-img', ['convert', '-O', 'qcow2', 'data.raw', 'data.img'], { cwd: unpacked });
  const disks = [{ path: 'box.img' }, { path: 'data.img' }];
  const metadata = { provider: 'libvirt', format: 'qcow2', disks };
  writeFileSync(join(unpacked, 'metadata.json'), JSON.stringify(metadata));
  const files = ['metadata.json', 'box.img', 'data.img'];
  await runOrFail('tar', ['-czf', join(folder, 'two.box'), '-C', unpacked, ...files]);
}

/** Vagrant's plugin calls these programs, which change nothing that is looked at here, and gives up without them. */
function withoutSysprep(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['virt-sysprep', 'virt-sparsify'])
    writeFileSync(join(bin, name), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  return bin;
}

async function baseVolume(): Promise<string> {
  const { stdout } = await run('virsh', ['-c', libvirtUri, 'vol-list', 'default']);
  return /kiln-test-VAGRANTSLASH-source\S*box\.img/.exec(stdout)?.[0] ?? 'none';
}
