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

/** A template as people have them: a local base, a file, an update, an installation, and a look at what came of it. */
const template = {
  variables: { folder: '', manifest: '', first: 'true', last: 'true' },
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
    { type: 'file', source: 'note.txt', destination: '/tmp/note.txt' },
    { type: 'shell', inline: ['{{user `first`}}', 'sudo apt-get update -q'] },
    {
      type: 'shell',
      inline: [
        'sudo DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends nginx-light curl',
      ],
    },
    {
      type: 'shell',
      inline: ['curl -s http://127.0.0.1/ | grep -q nginx', 'sudo apt-get clean', 'sync', '{{user `last`}}'],
    },
  ],
  'post-processors': [{ type: 'manifest', output: '{{user `manifest`}}', strip_path: true }],
} as const;

/** Builds of the one template, by both tools. Everything is in a folder of its own, which goes at the end. */
export class BuildWorkshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  readonly #kiln = bundledKiln();
  #count = 0;

  constructor() {
    const made = makePasswordBase(this.#kiln, join(this.folder, 'base'), testHome());
    execFileSync('cp', ['--reflink=auto', made, join(this.folder, 'base.qcow2')]);
    writeFileSync(join(this.folder, 'note.txt'), 'a note\n');
    writeFileSync(join(this.folder, 'bench.json'), JSON.stringify(template, null, 2));
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * @param options.home name of its store; several may have the same one
   * @param options.change a step whose text is another one each time
   */
  kiln(
    name: string,
    options: {
      readonly home: string;
      /** The store is new for every measurement. */
      readonly fresh?: boolean;
      readonly change?: 'first' | 'last';
      readonly keepsResult?: boolean;
    },
    ...args: readonly string[]
  ): Contender {
    const home = join(this.folder, options.home);
    // Packer's rule: a variable is fixed when the command is made, so the change is in a file that is read then.
    const values = join(this.folder, `${options.home}-${options.change ?? 'same'}.json`);
    return {
      name,
      command: [
        ...this.#kiln,
        'build',
        ...['--var', 'folder=out-kiln', '--var', 'manifest=kiln-manifest.json', '--var-file', values],
        ...args,
        'bench.json',
      ],
      cwd: this.folder,
      env: { KILN_HOME: home },
      prepare: async () => {
        const text = `echo change ${this.#count++}`;
        writeFileSync(values, JSON.stringify(options.change ? { [options.change]: text } : {}));
        if (options.fresh) rmSync(home, { recursive: true, force: true });
        if (!options.keepsResult) rmSync(join(this.folder, 'out-kiln'), { recursive: true, force: true });
      },
    };
  }

  packer(): Contender {
    return {
      name: 'packer build',
      command: [
        ...['packer', 'build', '-var', 'folder=out-packer', '-var', 'manifest=packer-manifest.json'],
        'bench.json',
      ],
      cwd: this.folder,
      env: { CHECKPOINT_DISABLE: '1', PACKER_CACHE_DIR: join(this.folder, 'packer-cache') },
      prepare: async () => {
        rmSync(join(this.folder, 'packer-cache'), { recursive: true, force: true });
        rmSync(join(this.folder, 'out-packer'), { recursive: true, force: true });
      },
    };
  }
}

/** A build of a template never built before, on a base never seen. */
export async function benchBuild(runs: number): Promise<void> {
  console.log('\nbuild: making the base image (not measured)');
  const workshop = new BuildWorkshop();
  try {
    const contenders = [workshop.kiln('kiln build', { home: 'home', fresh: true })];
    if (hasPeer('packer')) contenders.push(workshop.packer());
    const figures = await measure(contenders, runs, { warmup: false });
    console.log(
      report('\nbuild: local qcow2 base never seen, three shell steps, nginx-light and curl (TCG)', figures),
    );
    if (hasPeer('packer')) await compareResults(workshop.folder);
  } finally {
    workshop.close();
  }
}

/** What kept states are worth, and what keeping them costs. */
export async function benchStates(runs: number): Promise<void> {
  console.log('\nstates: making the base image (not measured)');
  const workshop = new BuildWorkshop();
  try {
    const packer = hasPeer('packer') ? [workshop.packer()] : [];
    const contenders = [
      ...packer,
      workshop.kiln('kiln, keeping nothing', { home: 'plain', fresh: true }, '--checkpoint=none'),
      workshop.kiln('kiln, base never seen', { home: 'home', fresh: true }),
      // From here on in the store that the build before has left.
      workshop.kiln('kiln, unchanged', { home: 'home', keepsResult: true }),
      workshop.kiln('kiln, last step changed', { home: 'home', change: 'last' }),
      workshop.kiln('kiln, first step changed', { home: 'home', change: 'first' }),
    ];
    const figures = await measure(contenders, runs, { warmup: false });
    const [first, ...others] = figures;
    for (const other of others) console.log(report(`\nstates: ${other.name}`, [other, first!]));
    const [none, fresh] = ['kiln, keeping nothing', 'kiln, base never seen'].map(
      (name) => figures.find((one) => one.name === name)!,
    );
    console.log(report('\nstates: what keeping them costs', [fresh!, none!]));
  } finally {
    workshop.close();
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
