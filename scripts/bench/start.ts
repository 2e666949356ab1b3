import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledKiln } from './kiln-under-test.ts';
import { type Contender, measure, report } from './measure.ts';
import { hasPeer } from './peers.ts';

/** Whole-process starts, of the bundle that people install. */
export async function benchStart(runs: number): Promise<void> {
  const kiln = bundledKiln();
  const folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  try {
    const version: Contender[] = [
      { name: 'kiln --version', command: [...kiln, '--version'] },
      { name: 'node -e 0', command: [kiln[0]!, '-e', '0'] },
    ];
    if (hasPeer('packer'))
      version.push({
        name: 'packer version',
        command: ['packer', 'version'],
        env: { CHECKPOINT_DISABLE: '1' },
      });
    console.log(report('\nstart: version', await measure(version, runs)));

    writeFileSync(
      join(folder, 'Vagrantfile'),
      'Vagrant.configure("2") { |config| config.vm.box = "debian/bookworm64" }\n',
    );
    writeFileSync(join(folder, 'kiln.yaml'), 'kiln: 1\nmachines:\n  default:\n    from: debian/12\n');
    const env = {
      KILN_HOME: join(folder, 'home'),
      VAGRANT_HOME: join(folder, 'vagrant'),
      VAGRANT_CHECKPOINT_DISABLE: '1',
    };
    const status: Contender[] = [{ name: 'kiln status', command: [...kiln, 'status'], cwd: folder, env }];
    if (hasPeer('vagrant'))
      status.push({ name: 'vagrant status', command: ['vagrant', 'status'], cwd: folder, env });
    console.log(report('\nstart: status of a project with one machine', await measure(status, runs)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
