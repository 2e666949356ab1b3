import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { readVagrantfile, type VagrantfileReading, type VagrantfileRequest } from '../read-vagrantfile.ts';
import type { VagrantMachine } from '../vagrant-config.ts';

/** A project in a temporary folder, with homes of its own for its user, for Vagrant and for Kiln. */
export interface TestProject {
  readonly root: string;
  readonly folder: string;
  readonly home: string;
  readonly kilnHome: string;
  readonly environment: NodeJS.ProcessEnv;
  write(files: Readonly<Record<string, string>>): void;
  read(more?: Partial<VagrantfileRequest>): Promise<VagrantfileReading>;
}

/** Removed when the test is done. File names may start with `../` to stand outside of the project. */
export function makeProject(
  t: Pick<TestContext, 'after'>,
  files: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>> = {},
): TestProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'kiln-vagrantfile-')));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const [folder, home, kilnHome] = [join(root, 'project'), join(root, 'home'), join(root, 'kiln')];
  for (const made of [folder, home]) mkdirSync(made);
  const environment: NodeJS.ProcessEnv = {
    HOME: home,
    PATH: process.env.PATH,
    KILN_HOME: kilnHome,
    // Ruby is prepared once for all tests, and for the developer.
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    ...variables,
  };
  const write = (written: Readonly<Record<string, string>>) => {
    for (const [name, content] of Object.entries(written)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
  };
  write(files);
  return {
    root,
    folder,
    home,
    kilnHome,
    environment,
    write,
    read: async (more = {}) => (await readVagrantfile({ folder, environment, ...more }))!,
  };
}

/** `file:line: severity: message`, a line each. */
export function told({ diagnostics }: VagrantfileReading): string[] {
  return diagnostics.map(({ at, severity, message }) => `${at.file}:${at.line}: ${severity}: ${message}`);
}

/** The only machine, or the one with the name. */
export function machineOf({ config }: VagrantfileReading, name?: string): VagrantMachine {
  const machines = config?.machines ?? [];
  const found = name === undefined ? machines[0] : machines.find((machine) => machine.name === name);
  if (found === undefined) throw new Error(`there is no machine ${name ?? ''}`);
  return found;
}

/** A Vagrantfile whose only machine says what came of Ruby expressions, as JSON: errors by their class. */
export function tellingFile(expressions: Readonly<Record<string, string>>): string {
  const lines = Object.entries(expressions).map(
    ([name, ruby]) =>
      `  results[${JSON.stringify(name)}] = begin; ${ruby}; rescue Exception => e; e.class.name; end`,
  );
  return `
require "json"
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  results = {}
${lines.join('\n')}
  config.vm.post_up_message = JSON.generate(results)
end`;
}

export function toldResults(reading: VagrantfileReading): Record<string, unknown> {
  return JSON.parse(machineOf(reading).vm.post_up_message ?? '{}') as Record<string, unknown>;
}
