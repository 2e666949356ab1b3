import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testHome } from '../test-home.ts';
import { compareTrees, extractTree } from './file-tree.ts';
import { bundledKiln } from './kiln-under-test.ts';
import { type Contender, measure, report } from './measure.ts';
import { hasPeer } from './peers.ts';

/** A base with a password login, as a template's author would have one: made by Kiln, then a plain local qcow2. */
const basePlan = `kiln: 1
images:
  bench-base:
    from: debian/12
    steps:
      - run: |
          echo kiln:kiln | chpasswd
          sed -i 's/^PasswordAuthentication.*//' /etc/ssh/sshd_config
          echo 'PasswordAuthentication yes' > /etc/ssh/sshd_config.d/10-password.conf
    outputs:
      - disk: { path: base.qcow2, format: qcow2 }
`;

const template = {
  variables: { folder: '', manifest: '' },
  builders: [
    {
      type: 'qemu',
      name: 'bench',
      disk_image: true,
      iso_url: 'base.qcow2',
      iso_checksum: 'none',
      format: 'qcow2',
      accelerator: 'tcg',
      headless: true,
      memory: 1024,
      disk_size: '4096M',
      ssh_username: 'kiln',
      ssh_password: 'kiln',
      ssh_timeout: '10m',
      shutdown_command: 'sudo systemctl poweroff',
      output_directory: '{{user `folder`}}',
      vm_name: 'bench.qcow2',
    },
  ],
  provisioners: [
    { type: 'file', source: 'bench.json', destination: '/tmp/bench.json' },
    { type: 'shell', inline: ['sudo apt-get update -q'] },
    {
      type: 'shell',
      inline: [
        'sudo DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends nginx-light curl',
      ],
    },
    { type: 'shell', inline: ['curl -s http://127.0.0.1/ | grep -q nginx', 'sudo apt-get clean', 'sync'] },
  ],
  'post-processors': [{ type: 'manifest', output: '{{user `manifest`}}', strip_path: true }],
} as const;

/** What two runs of the very same build always leave different: logs, times, random seeds, leases, caches of apt. */
const unequalByNature =
  /^\/(var\/log|var\/lib\/systemd|var\/cache|var\/lib\/apt|var\/tmp|tmp|run|lost\+found|etc\/(machine-id|resolv\.conf|ssh\/ssh_host_.*)|var\/lib\/dbus|var\/lib\/kiln|var\/lib\/dpkg\/lock.*)(\/|$)/;

export async function benchBuild(runs: number): Promise<void> {
  const kiln = bundledKiln();
  const folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  try {
    console.log('\nbuild: making the base image (not measured)');
    const base = join(folder, 'base');
    mkdirSync(base);
    writeFileSync(join(base, 'kiln.yaml'), basePlan);
    const env = { ...process.env, KILN_HOME: testHome() };
    execFileSync(kiln[0], [...kiln.slice(1), 'build', '--force'], {
      cwd: base,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    execFileSync('cp', ['--reflink=auto', join(base, 'base.qcow2'), join(folder, 'base.qcow2')]);
    const file = join(folder, 'bench.json');
    writeFileSync(file, JSON.stringify(template, null, 2));

    const home = join(folder, 'home');
    const contenders: Contender[] = [
      {
        name: 'kiln build',
        command: [
          ...kiln,
          'build',
          '--var',
          'folder=out-kiln',
          '--var',
          'manifest=kiln-manifest.json',
          'bench.json',
        ],
        cwd: folder,
        env: { KILN_HOME: home },
        prepare: async () => {
          rmSync(home, { recursive: true, force: true });
          rmSync(join(folder, 'out-kiln'), { recursive: true, force: true });
        },
      },
    ];
    if (hasPeer('packer')) {
      contenders.push({
        name: 'packer build',
        command: [
          'packer',
          'build',
          '-var',
          'folder=out-packer',
          '-var',
          'manifest=packer-manifest.json',
          'bench.json',
        ],
        cwd: folder,
        env: { CHECKPOINT_DISABLE: '1', PACKER_CACHE_DIR: join(folder, 'packer-cache') },
        prepare: async () => {
          rmSync(join(folder, 'packer-cache'), { recursive: true, force: true });
          rmSync(join(folder, 'out-packer'), { recursive: true, force: true });
        },
      });
    }
    const figures = await measure(contenders, runs, { warmup: false });
    console.log(
      report('\nbuild: local qcow2 base never seen, three shell steps, nginx-light and curl (TCG)', figures),
    );
    if (hasPeer('packer')) await compareResults(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a manifest says besides times and ids. Sizes of disk files are the filesystem's own affair. */
function manifestFacts(path: string): string {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { builds: Record<string, unknown>[] };
  const last = { ...manifest.builds.at(-1) };
  const files = last.files as { name: string }[];
  return JSON.stringify({
    ...last,
    build_time: 0,
    packer_run_uuid: '',
    files: files.map(({ name }) => name),
  });
}

async function compareResults(folder: string): Promise<void> {
  const [own, theirs] = ['kiln', 'packer'].map((who) => manifestFacts(join(folder, `${who}-manifest.json`)));
  console.log(
    `  manifests: ${own === theirs ? 'equal' : `${own} ≠ ${theirs}`} (times, ids and sizes left out)`,
  );
  const trees = ['out-kiln', 'out-packer'].map((name) => {
    const scratch = join(folder, `${name}-tree`);
    mkdirSync(scratch);
    return extractTree(join(folder, name, 'bench.qcow2'), scratch, 3);
  });
  const differences = await compareTrees(trees[0]!, trees[1]!, unequalByNature);
  console.log(
    `  file trees: ${differences.length === 0 ? 'equal' : `${differences.length} differences`} (logs, times, seeds, keys and caches left out)`,
  );
  for (const { path, what } of differences.slice(0, 20)) console.log(`    ${path}: ${what}`);
}
