import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareTrees, extractTree } from '../images/file-tree.ts';
import { makePasswordBase } from '../images/password-base.ts';
import { unequalByNature } from '../images/unequal-by-nature.ts';
import { testHome } from '../test-home.ts';
import { bundledKiln } from './kiln-under-test.ts';
import { type Contender, measure, report } from './measure.ts';
import { hasPeer } from './peers.ts';

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

export async function benchBuild(runs: number): Promise<void> {
  const kiln = bundledKiln();
  const folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  try {
    console.log('\nbuild: making the base image (not measured)');
    const made = makePasswordBase(kiln, join(folder, 'base'), testHome());
    execFileSync('cp', ['--reflink=auto', made, join(folder, 'base.qcow2')]);
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
