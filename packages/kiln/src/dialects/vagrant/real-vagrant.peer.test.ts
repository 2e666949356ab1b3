import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readVagrantfile } from './read-vagrantfile.ts';
import { knownPlugins } from './settings/plugin-settings.ts';
import { allCases } from './testing/cases/all-cases.ts';
import { comparableOfKiln, comparableOfReal, type RealProject } from './testing/comparable.ts';
import { type WrittenProject, writeProject } from './testing/project-case.ts';

const script = fileURLToPath(new URL('./testing/real-vagrant.rb', import.meta.url));
const hasVagrant = spawnSync('ruby', ['-e', 'require "vagrant"']).status === 0;
const skip = hasVagrant ? false : 'Debian’s vagrant is not installed';
const builtIn = knownPlugins.filter((plugin) => plugin.builtIn).map(({ name }) => name);

const home = mkdtempSync(join(tmpdir(), 'kiln-vagrant-home-'));
const environment = {
  HOME: home,
  // Else the real Ruby takes texts for ASCII.
  LANG: 'C.UTF-8',
  PATH: process.env.PATH,
  KILN_HOME: join(home, 'kiln'),
  XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '', '.cache'),
};
const projects: WrittenProject[] = [];
let real: readonly RealProject[] = [];

before(() => {
  if (!hasVagrant) return;
  for (const one of allCases) projects.push(writeProject(one));
  const requests = allCases.map((one, index) => ({
    folder: projects[index]!.folder,
    cwd: projects[index]!.from,
    provider: one.provider ?? 'virtualbox',
    words: one.words ?? ['status'],
    environment: one.environment ?? {},
    plugins: builtIn,
  }));
  const { stdout, stderr } = spawnSync('ruby', [script, JSON.stringify(requests)], {
    env: { ...environment, VAGRANT_HOME: join(home, 'vagrant') },
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  real = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RealProject);
  assert.equal(real.length, allCases.length, stderr);
});

after(() => {
  for (const project of projects) project.remove();
  rmSync(home, { recursive: true, force: true });
});

for (const [index, one] of allCases.entries()) {
  test(`as the real Vagrant has it: ${one.name}`, { skip }, async () => {
    const theirs = real[index]!;
    assert.equal(theirs.failed, undefined, 'the real Vagrant refuses the file');
    const reading = await readVagrantfile({
      folder: projects[index]!.from,
      environment: { ...environment, ...one.environment },
      words: one.words ?? ['status'],
      provider: one.provider ?? 'virtualbox',
    });
    const said = reading!.diagnostics
      .map(({ at, message }) => `${at.file}:${at.line}: ${message}`)
      .join('\n');
    assert.ok(reading!.config, said);
    assert.deepEqual(comparableOfKiln(reading!.config, theirs), comparableOfReal(theirs), said);
  });
}
