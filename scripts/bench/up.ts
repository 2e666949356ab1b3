import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { libvirtUri, startLibvirt } from '../../packages/kiln/src/cli/vagrant/testing-libvirt.ts';
import { testHome } from '../test-home.ts';
import { bundledKiln } from './kiln-under-test.ts';
import { type Contender, measure, report } from './measure.ts';

const box = 'kiln-bench/box';

/** One Vagrantfile for both. Libvirt finds no KVM here by itself. */
const vagrantfile = (names: readonly string[]) => `Vagrant.configure("2") do |config|
  config.vm.box = "${box}"
  config.vm.synced_folder ".", "/vagrant", disabled: true
  config.vm.provider :libvirt do |libvirt|
    libvirt.driver = "qemu"
    libvirt.memory = 512
    libvirt.cpus = 2
    libvirt.default_prefix = "kiln-bench-"
  end
${names.map((name) => `  config.vm.define "${name}"\n`).join('')}end
`;

/** Work environments of the same box, with Kiln and with Vagrant's provider libvirt. */
export async function benchUp(rounds: number, runs: number): Promise<void> {
  const bench = new UpBench();
  const libvirt = await startLibvirt();
  if (libvirt.kind === 'missing') console.log(`up: vagrant's rows are left out: ${libvirt.why}`);
  const hasVagrant = libvirt.kind === 'there';
  try {
    console.log('\nup: making a box, and the first machine of it (not measured)');
    bench.makeBox();
    if (hasVagrant) bench.vagrant('box', 'add', join(bench.folder, 'bench.box'), '--name', box);
    else bench.kiln('one', 'box', 'add', join(bench.folder, 'bench.box'), '--name', box);
    bench.kiln('one', 'up');
    const kilnUp = bench.kilnRow(
      'kiln up, to a command run inside',
      'one',
      'up && "$@" exec -- true',
      'destroy --yes',
    );
    const up: Contender[] = [kilnUp];
    if (hasVagrant) up.push(bench.vagrantUp());
    console.log(report('\nup: of a known box', await measure(up, rounds, { warmup: false })));
    const three = bench.kilnRow('kiln up of three machines', 'three', 'up', 'destroy --yes');
    const one = bench.kilnRow('kiln up of one', 'one', 'up', 'destroy --yes');
    console.log(report('\nup: three machines at once', await measure([three, one], rounds)));

    const running: Contender[][] = [
      [bench.kilnRow('kiln exec -- true', 'one', 'exec -- true')],
      [bench.kilnRow('kiln ssh -c true', 'one', 'ssh -c true')],
      [bench.kilnRow('kiln status', 'one', 'status')],
    ];
    if (hasVagrant) {
      for (const row of running.slice(0, 2))
        row.push(bench.vagrantRow('vagrant ssh -c true', ['ssh', '-c', 'true']));
      running[2]!.push(bench.vagrantRow('vagrant status', ['status']));
    }
    for (const rows of running) console.log(report('\nup: in a running machine', await measure(rows, runs)));

    const halt: Contender[] = [bench.kilnRow('kiln halt', 'one', 'halt', 'up')];
    if (hasVagrant) halt.push(bench.vagrantRow('vagrant halt', ['halt'], ['up', '--provider=libvirt']));
    console.log(report('\nup: halt', await measure(halt, rounds, { warmup: false })));
    const destroy: Contender[] = [bench.kilnRow('kiln destroy', 'one', 'destroy --yes', 'up')];
    if (hasVagrant)
      destroy.push(bench.vagrantRow('vagrant destroy', ['destroy', '-f'], ['up', '--provider=libvirt']));
    console.log(report('\nup: destroy', await measure(destroy, rounds, { warmup: false })));
  } finally {
    bench.close(hasVagrant);
    if (libvirt.kind === 'there') libvirt.close();
  }
}

class UpBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  readonly #kiln = bundledKiln();
  readonly #env: NodeJS.ProcessEnv;

  constructor() {
    this.#env = {
      ...process.env,
      KILN_HOME: join(this.folder, 'home'),
      VAGRANT_HOME: join(this.folder, 'vagrant-home'),
      VAGRANT_CHECKPOINT_DISABLE: '1',
    };
    for (const [name, machines] of Object.entries({
      one: ['default'],
      peer: ['default'],
      three: ['a', 'b', 'c'],
    })) {
      mkdirSync(join(this.folder, name));
      writeFileSync(join(this.folder, name, 'Vagrantfile'), vagrantfile(machines));
    }
    mkdirSync(join(this.folder, 'source'));
    writeFileSync(
      join(this.folder, 'source', 'kiln.yaml'),
      'kiln: 1\nmachines:\n  bench-source:\n    from: debian/12\n    memory: 512M\n',
    );
  }

  /** A box of plain Debian, as Vagrant takes it. */
  makeBox(): void {
    const run = (...args: string[]) =>
      execFileSync(this.#kiln[0], [...this.#kiln.slice(1), ...args], {
        cwd: join(this.folder, 'source'),
        env: { ...process.env, KILN_HOME: testHome() },
        stdio: 'ignore',
      });
    try {
      run('up');
      run('package', '--output', join(this.folder, 'bench.box'));
    } finally {
      run('destroy', '--yes');
    }
  }

  kiln(place: string, ...args: readonly string[]): void {
    const cwd = join(this.folder, place);
    execFileSync(this.#kiln[0], [...this.#kiln.slice(1), ...args], { cwd, env: this.#env, stdio: 'ignore' });
  }

  vagrant(...args: readonly string[]): void {
    execFileSync('vagrant', args, { cwd: join(this.folder, 'peer'), env: this.#env, stdio: 'ignore' });
  }

  /** @param words for a shell, behind the program's name, which is `"$@"` */
  kilnRow(name: string, place: string, words: string, before?: string): Contender {
    return {
      name,
      command: ['sh', '-c', `"$@" ${words}`, 'sh', ...this.#kiln],
      cwd: join(this.folder, place),
      env: this.#environment(),
      ...(before !== undefined && { prepare: async () => this.kiln(place, ...before.split(' ')) }),
    };
  }

  vagrantUp(): Contender {
    return {
      name: 'vagrant up, to a command run inside',
      command: ['sh', '-c', 'vagrant up --provider=libvirt && vagrant ssh -c true'],
      cwd: join(this.folder, 'peer'),
      env: this.#environment(),
      prepare: async () => this.vagrant('destroy', '-f'),
    };
  }

  vagrantRow(name: string, args: readonly string[], before?: readonly string[]): Contender {
    return {
      name,
      command: ['vagrant', ...args],
      cwd: join(this.folder, 'peer'),
      env: this.#environment(),
      ...(before !== undefined && { prepare: async () => this.vagrant(...before) }),
    };
  }

  close(hasVagrant: boolean): void {
    for (const place of ['one', 'three']) this.kiln(place, 'destroy', '--yes');
    if (hasVagrant) {
      this.vagrant('destroy', '-f');
      const { stdout } = spawnSync('virsh', ['-c', libvirtUri, 'vol-list', 'default'], { encoding: 'utf8' });
      for (const [volume] of stdout.matchAll(/kiln-bench-VAGRANTSLASH-box\S*box\.img/g))
        spawnSync('virsh', ['-c', libvirtUri, 'vol-delete', '--pool', 'default', volume]);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #environment(): Record<string, string> {
    const { KILN_HOME = '', VAGRANT_HOME = '' } = this.#env;
    return { KILN_HOME, VAGRANT_HOME, VAGRANT_CHECKPOINT_DISABLE: '1' };
  }
}
