import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { basePackages } from '../../packages/kiln/src/sources/bootstrap/base-packages.ts';
import { findRelease } from '../../packages/kiln/src/sources/bootstrap/release.ts';
import { BuildWorkshop } from './build.ts';
import { bundledKiln } from './kiln-under-test.ts';
import { type Contender, measure, report } from './measure.ts';
import { hasPeer } from './peers.ts';

const release = findRelease('debian', '12');
const wanted = ['nginx-light', 'curl'];
const system = [...basePackages, ...release.extraPackages, release.kernelPackage];
/** Small ones that need nothing; each round of builds has one more of them. */
const more = [
  'tree',
  'pv',
  'bc',
  'ed',
  'patch',
  'rlwrap',
  'mtools',
  'dosfstools',
  'lsof',
  'time',
  'zip',
  'hexedit',
];

/**
 * An image from a profile, without a machine: from nothing but the mirror, with one more package, with another file,
 * and unchanged; beside plain mmdebstrap of the
 * same packages, Packer that installs the same in a machine, and mkosi where it runs.
 */
export async function benchRootfs(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  const kiln = bundledKiln();
  const inMachine = hasPeer('packer') ? new BuildWorkshop() : undefined;
  const withMkosi = mkosiRuns();
  let count = 0;
  const write = (packages: readonly string[], note: string) => {
    const profile = [
      'profile: 1',
      'os: debian/12',
      `packages: [${[...wanted, ...packages].join(', ')}]`,
      'files:',
      `  - {path: /srv/note, content: "${note}\\n"}`,
    ];
    writeFileSync(join(folder, 'bench.profile.yaml'), `${profile.join('\n')}\n`);
  };
  const image = '    from: debian/12\n    builder: rootfs\n    profile: bench.profile.yaml\n';
  writeFileSync(join(folder, 'kiln.yaml'), `kiln: 1\nimages:\n  bench:\n${image}`);
  const build = (name: string, home: string, prepare: () => void): Contender => ({
    name,
    command: [...kiln, 'build'],
    cwd: folder,
    env: { KILN_HOME: join(folder, home) },
    prepare: async () => prepare(),
  });
  try {
    const cold: Contender[] = [
      build('kiln build, nothing there', 'cold', () => {
        remove(join(folder, 'cold'));
        rmSync(join(folder, 'kiln.lock'), { force: true });
        write([], 'one');
      }),
      {
        name: 'mmdebstrap',
        command: [
          ...['mmdebstrap', '--variant=minbase', '--aptopt=APT::Install-Recommends "false"'],
          `--include=${[...system, ...wanted].join(',')}`,
          ...[release.codename, join(folder, 'plain')],
        ],
        prepare: async () => remove(join(folder, 'plain')),
      },
    ];
    if (inMachine) cold.push(inMachine.packer());
    if (withMkosi) cold.push(mkosi('mkosi, nothing there', folder, false));
    console.log(
      report('\nimage without a machine: from the mirror', await measure(cold, rounds, { warmup: false })),
    );

    write([], 'one');
    const home = 'warm';
    execFileSync(kiln[0], [...kiln.slice(1), 'build'], {
      cwd: folder,
      env: { ...process.env, KILN_HOME: join(folder, home) },
      stdio: 'ignore',
    });
    const warm: Contender[] = [
      build('kiln build, a package more', home, () => write(more.slice(0, ++count % more.length), 'one')),
      build('kiln build, another file', home, () =>
        write(more.slice(0, count % more.length), `note ${++count}`),
      ),
      build('kiln build, unchanged', home, () => {}),
    ];
    if (withMkosi) warm.push(mkosi('mkosi, again', folder, true));
    console.log(report('\nimage without a machine: again', await measure(warm, rounds, { warmup: false })));
  } finally {
    remove(folder);
    inMachine?.close();
  }
}

/** Trees have files that even root may only remove with everything in them. */
function remove(path: string): void {
  execFileSync('rm', ['-rf', '--', path]);
}

/** Debian's mkosi 14 runs scripts by systemd-nspawn, which asks systemd, and mounts the EFI partition. */
function mkosiRuns(): boolean {
  if (!hasPeer('mkosi')) return false;
  const obstacles = [
    ...(existsSync('/run/systemd/system') ? [] : ['systemd does not run here']),
    ...(/\bvfat\b/.test(readFileSync('/proc/filesystems', 'utf8')) ? [] : ['the kernel has no vfat']),
  ];
  if (obstacles.length > 0) console.log(`mkosi does not run: ${obstacles.join(', and ')}`);
  return obstacles.length === 0;
}

/** Debian's mkosi 14: a bootable disk with the same packages. */
function mkosi(name: string, folder: string, incremental: boolean): Contender {
  const place = join(folder, incremental ? 'mkosi-again' : 'mkosi');
  mkdirSync(place, { recursive: true });
  return {
    name,
    command: [
      ...['mkosi', '--force', '--distribution=debian', `--release=${release.codename}`, '--bootable=yes'],
      ...[...system, ...wanted].map((one) => `--package=${one}`),
      ...['--output-dir', place, '--cache', join(place, 'cache'), ...(incremental ? ['--incremental'] : [])],
    ],
    cwd: place,
  };
}
