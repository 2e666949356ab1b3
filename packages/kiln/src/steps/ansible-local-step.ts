import { KilnError } from '../base/errors.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { AnsibleInstallation, AnsibleLocalStep } from '../plan/ansible-step.ts';
import { type InventoryHost, renderInventory } from './ansible/inventory.ts';
import { extraVariables, galaxyCommands, playbookArguments } from './ansible/playbook-arguments.ts';
import { installPackages, missingInMachine } from './install-packages.ts';
import { type Stage, withStage } from './stage.ts';
import type { StepContext, StepRunner } from './step-context.ts';

/** Runs playbooks inside the machine, as the user that is logged in: they become root themselves. */
export const runAnsibleLocalStep: StepRunner<AnsibleLocalStep> = async (step, context) => {
  const { copies, folder, cleanFolder } = step;
  await withStage({ name: 'ansible', copies, folder, cleanFolder, asRoot: false }, context, async (stage) => {
    await provideAnsible(step, stage, context);
    await getRequirements(step, stage, context);
    const own = extraVariables(step, context);
    const inventory = step.inventory === undefined ? renderOwnInventory(step) : undefined;
    const files = {
      inventory: inventory === undefined ? step.inventory! : await stage.write('inventory', inventory),
      extraVars: [
        ...(own === undefined ? [] : [await stage.write('vars.json', own)]),
        ...(step.extraVars?.kind === 'file' ? [step.extraVars.path] : []),
      ],
      vaultPasswordFile: step.vaultPasswordFile,
    };
    for (const playbook of step.playbooks) {
      context.say(`Running ${step.command} ${playbook} in the machine`);
      const words = [...playbookArguments(step, files, context), playbook].map(shellQuote).join(' ');
      const code = await stage.run(`${prepare(step, stage, context)}\nexec ${step.command} ${words}`);
      if (code !== 0) throw failed(`the playbook ${playbook}`, code, step);
    }
  });
};

/** The machine is reached without SSH. */
function renderOwnInventory(step: AnsibleLocalStep): string {
  const hosts = [step.hostName, ...step.otherHosts].map(
    (name): InventoryHost => ({
      name,
      variables: name === step.hostName ? { ansible_connection: 'local' } : {},
    }),
  );
  return renderInventory(hosts, step);
}

/** Folder and environment that all of Ansible's programs work in. */
function prepare(step: AnsibleLocalStep, stage: Stage, context: StepContext): string {
  const { galaxy, configFile } = step;
  const variables: [string, string][] = [
    ['PYTHONUNBUFFERED', '1'],
    ['ANSIBLE_FORCE_COLOR', 'true'],
    ...(configFile === undefined ? [] : [['ANSIBLE_CONFIG', configFile] as [string, string]]),
    ...(galaxy?.rolesPath === undefined
      ? []
      : [['ANSIBLE_ROLES_PATH', galaxy.rolesPath] as [string, string]]),
    ...(galaxy?.collectionsPath === undefined
      ? []
      : [['ANSIBLE_COLLECTIONS_PATH', galaxy.collectionsPath] as [string, string]]),
    ...step.environment.map(([name, value]): [string, string] => [name, context.render(value)]),
  ];
  const exports = variables.map(([name, value]) => `export ${name}=${shellQuote(value)}`).join('\n');
  // Ansible wants a locale in UTF-8, and fresh machines may have none set.
  const locale =
    '[ -n "$LC_ALL$LANG" ] || { LC_ALL=C.UTF-8; export LC_ALL; }\n[ -n "$HOME" ] || { HOME=/root; export HOME; }';
  return `cd ${shellQuote(stage.folder)} || exit 1\n${locale}\n${exports}`;
}

async function getRequirements(step: AnsibleLocalStep, stage: Stage, context: StepContext): Promise<void> {
  const { galaxy } = step;
  if (!galaxy) return;
  const inFolder = (script: string) => `cd ${shellQuote(stage.folder)} && ${script}`;
  const collections = `grep -q '^[[:space:]]*collections:' ${shellQuote(galaxy.file)} && echo yes`;
  const hasCollections = (await stage.ask(inFolder(collections))) !== undefined;
  context.say(`Getting what ${galaxy.file} asks for`);
  for (const command of galaxyCommands(galaxy, hasCollections, shellQuote)) {
    const line = typeof command === 'string' ? command : command.map(shellQuote).join(' ');
    const code = await stage.run(`${prepare(step, stage, context)}\n${line}`);
    if (code !== 0) throw failed('ansible-galaxy', code, step);
  }
}

async function provideAnsible(step: AnsibleLocalStep, stage: Stage, context: StepContext): Promise<void> {
  const { install } = step;
  const program = programOf(step.command);
  const present = await stage.ask(
    `command -v ${shellQuote(program)} >/dev/null && ${shellQuote(program)} --version | head -n 1`,
  );
  if (install === undefined) {
    if (present !== undefined) return;
    throw missingInMachine(program, 'install Ansible in a step before, or let this step install it');
  }
  if (present !== undefined && isEnough(present, install)) return;
  if (install.from === 'packages') {
    await installPackages('Ansible', install.withCollections ? withCollections : core, stage, context);
    return;
  }
  await installWithPip(install, stage, context);
}

const withCollections = {
  apt: ['ansible'],
  dnf: ['ansible'],
  yum: ['ansible'],
  zypper: ['ansible'],
  apk: ['ansible'],
  pacman: ['ansible'],
};
/** Older Debians have nothing smaller; where that is so, people ask for the collections. */
const core = {
  apt: ['ansible-core'],
  dnf: ['ansible-core'],
  yum: ['ansible-core'],
  zypper: ['ansible-core'],
  apk: ['ansible-core'],
  pacman: ['ansible-core'],
};

/** The program in a line such as `ANSIBLE_FORCE_COLOR=1 ansible-playbook`. */
function programOf(command: string): string {
  return command.split(/\s+/).find((word) => word !== '' && !/^\w+=/.test(word)) ?? 'ansible-playbook';
}

function isEnough(present: string, { version }: AnsibleInstallation): boolean {
  if (version === undefined || version === '') return true;
  const found = /\d+\.\d[\w.]*/.exec(present)?.[0];
  return version !== 'latest' && found === version;
}

async function installWithPip(
  { from, version, pipArguments = '', pipInstallCommand, withCollections: withAll }: AnsibleInstallation,
  stage: Stage,
  context: StepContext,
): Promise<void> {
  context.say('Installing Ansible with pip');
  if ((await stage.ask('command -v pip3 || command -v pip')) === undefined) {
    if (pipInstallCommand !== undefined && pipInstallCommand !== '') {
      const code = await stage.run(pipInstallCommand, { asRoot: true });
      if (code !== 0)
        throw new KilnError('step-failed', `the command that installs pip ended with exit code ${code}`);
    } else {
      const names = ['python3-pip'];
      await installPackages(
        'pip',
        { apt: names, dnf: names, yum: names, zypper: names, apk: ['py3-pip'], pacman: ['python-pip'] },
        stage,
        context,
      );
    }
  }
  const what = from === 'pip-arguments' ? '' : pipPackage(version, withAll ? 'ansible' : 'ansible-core');
  const pip = '"$(command -v pip3 || command -v pip)"';
  // Newer pips want to hear that a system's own Python is meant, and older ones do not know the words.
  const script = `external=
if ${pip} install --help | grep -q -- --break-system-packages; then external=--break-system-packages; fi
exec ${pip} install $external ${pipArguments} ${what}`;
  const code = await stage.run(script, { asRoot: true });
  if (code !== 0) throw new KilnError('step-failed', `pip ended with exit code ${code}`);
}

function pipPackage(version: string | undefined, name: string): string {
  if (version === undefined || version === '' || version === 'latest') return `--upgrade ${name}`;
  return `${name}==${shellQuote(version)}`;
}

function failed(what: string, code: number, step: AnsibleLocalStep): KilnError {
  return new KilnError('step-failed', `${what} ended with exit code ${code}`, step.at ? { at: step.at } : {});
}
