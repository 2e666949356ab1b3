import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { withLock } from '../../../base/locks.ts';
import { run } from '../../../base/processes.ts';
import { asRoot, namespaceObstacle, removeTree } from '../../../base/user-namespace.ts';
import { ChrootGuest, type ChrootOptions } from '../../../guests/chroot-guest.ts';
import { temporaryFolder } from '../../../guests/testing/temporary-folder.ts';
import { findMirror } from '../../../sources/bootstrap/mirror.ts';

const usualPackages = [
  'busybox',
  'cron',
  'kmod',
  'libpam-modules',
  'locales',
  'procps',
  'sudo',
  'systemd',
  'systemd-sysv',
  'tzdata',
];

/** Where tests keep what takes long to make: as scripts/test-home.ts has it. */
function cacheFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(process.env['KILN_TEST_HOME'] ?? join(cache, 'kiln', 'test'), 'profile-trees');
}

/** Why there can be no Debian system here; undefined when there can. */
export async function debianObstacle(): Promise<string | undefined> {
  const obstacle = await namespaceObstacle();
  if (obstacle) return `${obstacle.message} (${obstacle.hint})`;
  const { code } = await run('sh', ['-c', 'command -v mmdebstrap && command -v dpkg-deb']);
  return code === 0 ? undefined : 'the programs mmdebstrap and dpkg-deb are not installed';
}

/** A tree with a small Debian 12, made once from this host's mirror and never written to. */
async function debianTree(packages: readonly string[]): Promise<string> {
  const lines = [`deb ${(await findMirror('debian')).archive} bookworm main`];
  const key = createHash('sha256')
    .update(JSON.stringify([packages, lines]))
    .digest('hex')
    .slice(0, 12);
  const folder = cacheFolder();
  const tree = join(folder, key);
  await mkdir(folder, { recursive: true });
  await withLock(join(folder, `${key}.lock`), { what: 'the test tree', wait: 600_000 }, async () => {
    if (existsSync(tree)) return;
    const scratch = await mkdtemp(join(folder, 'new-'));
    const options = ['--variant=minbase', '--mode=root', '--format=directory', '--quiet'];
    const include = `--include=${packages.join(',')}`;
    const [program, args] = asRoot('mmdebstrap', [
      ...options,
      include,
      '--customize-hook=rm -f "$1/etc/resolv.conf"',
      'bookworm',
      join(scratch, 'tree'),
      ...lines,
    ]);
    const { code, stderr } = await run(program, args);
    if (code !== 0) {
      await removeTree(scratch);
      throw new Error(`mmdebstrap ended with ${code}: ${stderr}`);
    }
    await rename(join(scratch, 'tree'), tree);
    await removeTree(scratch);
  });
  return tree;
}

export interface DebianSystem {
  readonly guest: ChrootGuest;
  readonly folder: string;
  /** Opens the same system again, as it was left, after its guest was closed. */
  reopen(): Promise<ChrootGuest>;
  /** Runs a script in it as root and gives back what it prints. @throws when it fails */
  sh(script: string): Promise<string>;
}

/** A Debian 12 for one test. It has no network. */
export async function debianSystem(
  t: TestContext,
  options: Partial<ChrootOptions> = {},
  packages: readonly string[] = usualPackages,
): Promise<DebianSystem> {
  let guest: ChrootGuest | undefined;
  let upperFolder: string | undefined;
  // Clean-ups run in the order in which they are registered.
  t.after(async () => {
    await guest?.close();
    if (upperFolder !== undefined) await removeTree(upperFolder);
  });
  const folder = await temporaryFolder(t);
  upperFolder = join(folder, 'layers');
  const [upper, work] = [join(upperFolder, 'upper'), join(upperFolder, 'work')];
  for (const path of [upper, work]) await mkdir(path, { recursive: true });
  const lower = [await debianTree(packages)];
  const open = () =>
    ChrootGuest.open({ root: { kind: 'overlay', lower, upper, work }, scratch: folder, ...options });
  const first = await open();
  guest = first;
  const system = {
    guest: first,
    folder,
    reopen: async () => {
      guest = await open();
      return guest;
    },
    sh: async (script: string) => {
      const lines: string[] = [];
      const exit = await guest!.exec({ command: script, onLine: (line) => lines.push(line) });
      if (exit.kind === 'exited' && exit.code === 0) return lines.join('\n');
      throw new Error(`${script} ended with ${JSON.stringify(exit)}: ${lines.join('\n')}`);
    },
  };
  return system;
}
