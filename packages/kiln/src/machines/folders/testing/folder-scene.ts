import { cp, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { KilnEvent } from '../../../base/events.ts';
import { ChrootGuest } from '../../../guests/chroot-guest.ts';
import type { Guest } from '../../../guests/guest.ts';
import { temporaryFolder } from '../../../guests/testing/temporary-folder.ts';
import { makeTinyTree } from '../../../guests/testing/tiny-tree.ts';
import type { SyncedFolder } from '../../../plan/synced-folder.ts';
import type { MachineRecord } from '../../machine-record.ts';
import { type AttachedFolder, attachFolders } from '../attach-folders.ts';

export const gnuPrograms = [
  ...['sh', 'cat', 'chmod', 'chown', 'find', 'grep', 'id', 'ls', 'mkdir', 'mount', 'mv', 'rm', 'sed'],
  ...['stat', 'sleep', 'tar', 'touch', 'tr', 'umount', 'xargs'],
];

/** A machine of which only the files are real: a tree that commands run in. */
export interface FolderScene {
  readonly guest: Guest;
  /** Root of the machine's files. */
  readonly tree: string;
  /** A folder of the host with something in it. */
  readonly source: string;
  readonly said: string[];
  readonly attach: (changes?: Partial<SyncedFolder>) => Promise<readonly AttachedFolder[]>;
  readonly record: MachineRecord;
  readonly services: Parameters<typeof attachFolders>[0];
  readonly folder: SyncedFolder;
}

export async function folderScene(t: TestContext, tools: 'gnu' | 'busybox'): Promise<FolderScene> {
  const guests: ChrootGuest[] = [];
  t.after(async () => {
    for (const guest of guests) await guest.close();
  });
  const root = await temporaryFolder(t);
  const tree = join(root, 'tree');
  if (tools === 'gnu') await makeTinyTree(tree, gnuPrograms);
  else {
    const names = gnuPrograms.map((name) => [name, 'busybox'] as const);
    await makeTinyTree(tree, ['busybox'], Object.fromEntries(names));
  }
  await writeFile(join(tree, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nweb:x:33:44::/srv:/bin/sh\n');
  await writeFile(join(tree, 'etc/group'), 'root:x:0:\nweb:x:44:\nadm:x:4:\n');
  await writeFile(join(tree, 'etc/fstab'), '/dev/vda1 / ext4 defaults 0 1\n');
  const guest = await ChrootGuest.open({ root: { kind: 'directory', path: tree }, scratch: root });
  guests.push(guest);
  const source = join(root, 'source');
  await mkdir(join(source, 'lib/inner'), { recursive: true });
  await writeFile(join(source, 'one.txt'), 'one');
  await writeFile(join(source, 'lib/run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(source, "lib/inner/it's a name.txt"), 'spaces');
  await symlink('one.txt', join(source, 'link'));
  await mkdir(join(source, '.vagrant'));
  await cp(join(source, 'one.txt'), join(source, '.vagrant/id'));
  // As files mostly are: not made in this very moment.
  const anHourAgo = Date.now() / 1000 - 3600;
  for (const path of ['one.txt', 'lib/run.sh', "lib/inner/it's a name.txt"])
    await utimes(join(source, path), anHourAgo, anHourAgo);
  const said: string[] = [];
  const services = {
    home: join(root, 'home'),
    emit: (event: KilnEvent) => {
      if (event.kind === 'message') said.push(event.text);
    },
    signal: new AbortController().signal,
  };
  const record: MachineRecord = {
    schema: 1,
    id: '0badcafe',
    name: 'web',
    createdAt: new Date(0).toISOString(),
    image: { description: 'none', seeded: true },
    cpus: 1,
    memory: 2 ** 30,
    hostname: 'web',
    firmware: 'bios',
    user: 'root',
    sshPort: 1,
    ports: [],
  };
  const folder: SyncedFolder = {
    id: 'app',
    hostPath: source,
    guestPath: '/srv/my app',
    type: 'rsync',
    create: false,
    mountOptions: [],
    readOnly: false,
    owner: 'web',
    rsync: { exclude: [], auto: true, chown: true },
  };
  return {
    guest,
    tree,
    source,
    said,
    record,
    services,
    folder,
    attach: (changes = {}) =>
      attachFolders(services, { record, spec: { folders: [{ ...folder, ...changes }] }, guest }),
  };
}
