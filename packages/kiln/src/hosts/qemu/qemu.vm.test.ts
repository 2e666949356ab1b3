import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exists } from '../../base/files.ts';
import type { Guest } from '../../guests/guest.ts';
import { sshDefaults } from '../../plan/communicator.ts';
import { createImageResolver } from '../../sources/resolver.ts';
import { openStore } from '../../store/store.ts';
import { bootstrapImage } from '../rootfs/bootstrap-image.ts';
import { filesAsTheyAre, openBench, processesNaming } from '../testing/host-bench.ts';
import { qemuSource } from '../testing/qemu-source.ts';
import { diskInfo } from './disks.ts';
import { qemuHost } from './qemu-host.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const home = process.env['KILN_TEST_HOME'] ?? join(homedir(), '.cache', 'kiln', 'test');

async function linesOf(guest: Guest, command: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const exit = await guest.exec({ command, onLine: (line) => lines.push(line) });
  assert.deepEqual(exit, { kind: 'exited', code: 0 }, lines.join('\n'));
  return lines;
}

test('a Debian machine is built, turned off, built upon, and its death is noticed', {
  timeout: 600_000,
}, async (t) => {
  const store = openStore(home);
  const images = createImageResolver({
    store,
    env: process.env,
    bootstrap: (ref, context) => bootstrapImage(store, ref, context),
  });
  const common = {
    communicator: { ...sshDefaults, username: 'kiln' },
    hardware: { accelerator: 'auto', cpus: 2, memory: 2 ** 30 },
    shutdown: { acpi: true },
    seed: true,
  } as const;

  const first = await openBench({ home, images });
  t.signal.addEventListener('abort', () => first.stop.abort());
  const media = join(first.folder, 'media');
  await mkdir(media);
  await writeFile(join(media, 'on-the-cd'), 'from the CD\n');
  const machine = await qemuHost(home).start(
    qemuSource({
      ...common,
      disk: { kind: 'distribution', distribution: 'debian', release: '12' },
      result: { machineName: 'Web_1.qcow2', diskSize: 5 * 2 ** 30 },
      media: {
        http: { content: { '/hello': 'over HTTP' }, portMin: 0, portMax: 0, bindAddress: '127.0.0.1' },
        cd: { files: [`${media}/*`], content: { 'meta-data': 'as text\n' }, label: 'things' },
      },
    }),
    first.context,
  );

  await t.test('the machine has its name, its disk, its media and the HTTP server', async () => {
    assert.deepEqual(await linesOf(machine.guest, 'hostname'), ['web-1']);
    const [bytes] = await linesOf(machine.guest, 'lsblk -bdno SIZE /dev/vda');
    assert.equal(Number(bytes), 5 * 2 ** 30);
    const mount =
      'sudo mount -o ro LABEL=things /mnt && cat /mnt/on-the-cd /mnt/meta-data && sudo umount /mnt';
    assert.deepEqual(await linesOf(machine.guest, mount), ['from the CD', 'as text']);
    const address = machine.values['PackerHTTPAddr']!.replace(':', '/');
    const fetched = await linesOf(
      machine.guest,
      `bash -c 'exec 3<>/dev/tcp/${address}; printf "GET /hello HTTP/1.0\\r\\n\\r\\n" >&3; tail -n1 <&3'`,
    );
    assert.deepEqual(fetched, ['over HTTP']);
    assert.match(machine.values['SSHPublicKey']!, /^ssh-ed25519 /);
  });

  await linesOf(machine.guest, 'echo kept | sudo tee /etc/kept-file');
  const artifact = await machine.finish();
  await t.test('it turns itself off and leaves a layer on the image of the store', async () => {
    assert.deepEqual(await processesNaming(first.run.folder), []);
    const { disk } = artifact;
    assert.equal(disk?.seeded, true);
    assert.equal(disk?.user, 'kiln');
    assert.equal((await store.getImage(`sha256:${disk!.base}`)).id, disk!.base);
    const info = await diskInfo(disk!.path, { trusted: true });
    assert.equal(info.virtualSize, 5 * 2 ** 30);
    assert.ok(info.allocated < 200 * 2 ** 20, `${info.allocated} bytes are not only what was changed`);
  });

  const second = await openBench({ home, images: filesAsTheyAre });
  t.signal.addEventListener('abort', () => second.stop.abort());
  const out = join(second.folder, 'out');
  const again = await qemuHost(home).start(
    qemuSource({ ...common, disk: { kind: 'file', path: artifact.disk!.path }, result: { directory: out } }),
    second.context,
  );

  await t.test('what was written is there, and a sealed machine is another one', async () => {
    assert.deepEqual(await linesOf(again.guest, 'cat /etc/kept-file; hostname'), ['kept', 'machine']);
  });

  await t.test('QEMU killed during a command ends the command at once and says so', async () => {
    const waiting = again.guest.exec({ command: 'echo started; sleep 1000', onLine: () => killAll() });
    const killAll = async () => {
      for (const pid of await processesNaming(second.run.folder)) process.kill(pid, 'SIGKILL');
    };
    await assert.rejects(waiting, { code: 'qemu-failed', message: /SIGKILL/ });
    await again.abandon({ keep: false });
    assert.equal(await exists(out), false);
  });

  await second.close();
  await first.close();
});
