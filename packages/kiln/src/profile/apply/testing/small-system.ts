import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { run } from '../../../base/processes.ts';
import { namespaceObstacle } from '../../../base/user-namespace.ts';
import { ChrootGuest } from '../../../guests/chroot-guest.ts';
import { temporaryFolder } from '../../../guests/testing/temporary-folder.ts';
import { makeTinyTree } from '../../../guests/testing/tiny-tree.ts';
import type { Profile } from '../../../plan/profile.ts';
import { type Applied, applied } from './applied.ts';

/** What runs scripts in a small system: `busybox` has nothing but busybox. */
export type SystemShell = 'dash' | 'bash' | 'busybox';

export interface SmallSystem {
  readonly guest: ChrootGuest;
  readonly tree: string;
  readonly folder: string;
  apply(profile: Profile): Promise<Applied>;
  check(profile: Profile): Promise<Applied>;
  /** Runs a script in it as root. @throws when it fails */
  sh(script: string): Promise<string>;
}

const gnuPrograms = [
  ...[
    'base64',
    'cat',
    'chmod',
    'chown',
    'cp',
    'env',
    'find',
    'grep',
    'head',
    'id',
    'ln',
    'ls',
    'mkdir',
    'mktemp',
  ],
  ...[
    'mv',
    'printf',
    'readlink',
    'rm',
    'rmdir',
    'sha256sum',
    'sleep',
    'sort',
    'stat',
    'tar',
    'tee',
    'touch',
    'tr',
  ],
  ...['uname', 'dirname', 'getconf'],
];

/** Why small systems with this shell cannot be made here; undefined when they can. */
export async function smallSystemObstacle(shell: SystemShell): Promise<string | undefined> {
  const obstacle = await namespaceObstacle();
  if (obstacle) return `${obstacle.message} (${obstacle.hint})`;
  const { code } = await run('sh', ['-c', 'command -v "$1"', 'sh', shell]);
  return code === 0 ? undefined : `the program "${shell}" is not installed`;
}

/**
 * A system of a few programs, without a package manager: a fake apt-get stands for one, so that profiles can be applied
 * that install nothing.
 */
export async function smallSystem(t: TestContext, shell: SystemShell = 'dash'): Promise<SmallSystem> {
  let guest: ChrootGuest | undefined;
  // Clean-ups run in the order in which they are registered.
  t.after(() => guest?.close());
  const folder = await temporaryFolder(t);
  const tree = join(folder, 'tree');
  if (shell === 'busybox') {
    const { stdout } = await run('busybox', ['--list']);
    const applets = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
    await makeTinyTree(tree, ['busybox'], Object.fromEntries(applets.map((name) => [name, 'busybox'])));
  } else {
    await makeTinyTree(tree, [shell, ...gnuPrograms], { sh: shell });
  }
  await symlink('usr/sbin', join(tree, 'sbin'));
  for (const name of ['home/ann', 'var/lib', 'etc/skel']) await mkdir(join(tree, name), { recursive: true });
  await chmod(join(tree, 'tmp'), 0o1777);
  const files: Readonly<Record<string, string>> = {
    'etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    'etc/passwd':
      'root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000:Ann:/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n',
    'etc/group': 'root:x:0:\nann:x:1000:\nbob:x:1001:\n',
    'etc/shadow': 'root:*:1::::::\nann:!:1::::::\nbob:!:1::::::\n',
    'etc/hosts': '127.0.0.1\tlocalhost # ours\n',
    'etc/fstab': '# nothing\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(tree, name), text);
  await writeFile(join(tree, 'usr/bin/apt-get'), '#!/bin/sh\necho "apt-get $*" >&2\nexit 100\n', {
    mode: 0o755,
  });
  const opened = await ChrootGuest.open({ root: { kind: 'directory', path: tree }, scratch: folder });
  guest = opened;
  const sh = async (script: string) => {
    const lines: string[] = [];
    const exit = await opened.exec({ command: script, onLine: (line) => lines.push(line) });
    if (exit.kind === 'exited' && exit.code === 0) return lines.join('\n');
    throw new Error(`${script} ended with ${JSON.stringify(exit)}: ${lines.join('\n')}`);
  };
  await sh('chown ann:ann /home/ann; chown 0:0 /etc /etc/*');
  return {
    guest: opened,
    tree,
    folder,
    sh,
    apply: (profile) => applied(opened, profile, 'apply', folder),
    check: (profile) => applied(opened, profile, 'check', folder),
  };
}
