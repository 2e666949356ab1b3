import { KilnError } from '../base/errors.ts';
import { joinGuestPath } from '../guests/guest-path.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { PuppetAgent, PuppetApply, PuppetStep } from '../plan/puppet-step.ts';
import { installPackages, missingInMachine } from './install-packages.ts';
import { type Stage, withStage } from './stage.ts';
import type { StepContext, StepRunner } from './step-context.ts';

/** Runs Puppet inside the machine: a manifest that was brought along, or the agent with its server. */
export const runPuppetStep: StepRunner<PuppetStep> = async (step, context) => {
  const { copies, folder, cleanFolder, asRoot } = step;
  await withStage({ name: 'puppet', copies, folder, cleanFolder, asRoot }, context, async (stage) => {
    await providePuppet(step, stage, context);
    const what = step.run.kind === 'apply' ? (step.run.manifest ?? 'the environment') : 'the agent';
    context.say(`Running Puppet: ${what}`);
    const code = await stage.run(await scriptOf(step, stage, context));
    if (step.validExitCodes.includes(code)) return;
    throw new KilnError('step-failed', `Puppet ended with exit code ${code}: ${meaningOf(code)}`, {
      ...(step.at ? { at: step.at } : {}),
    });
  });
};

/** Of `--detailed-exitcodes` (https://www.puppet.com/docs/puppet/7/man/apply.html). */
function meaningOf(code: number): string {
  switch (code) {
    case 1:
      return 'the run failed';
    case 4:
      return 'some resources failed';
    case 6:
      return 'some resources were changed, and others failed';
    default:
      return 'see its output above';
  }
}

async function scriptOf(step: PuppetStep, stage: Stage, context: StepContext): Promise<string> {
  const { run, structuredFacts, executeCommand } = step;
  const facts = step.facts.map(([name, value]): [string, string] => [
    `FACTER_${name}`,
    context.render(value),
  ]);
  const environment = step.environment.map(([name, value]): [string, string] => [
    name,
    context.render(value),
  ]);
  const exports = [...facts, ...environment].map(
    ([name, value]) => `export ${shellQuote(name)}=${shellQuote(value)}`,
  );
  const prepare = structuredFacts === undefined ? [] : [await writeFacts(structuredFacts, stage)];
  const folder = step.workingFolder === undefined ? stage.folder : stage.path(step.workingFolder);
  if (executeCommand !== undefined) {
    const command = context.render(executeCommand, templateData(step, stage, context, facts));
    return [...prepare, ...exports, command].join('\n');
  }
  const words = run.kind === 'apply' ? applyWords(run, stage) : agentWords(run, stage);
  const more = step.arguments.map((argument) => context.render(argument));
  const last = run.kind === 'apply' ? manifestOf(run, stage) : [];
  // Options are written as words of a shell, several in one text.
  const line = [programOf(step), ...words.map(shellQuote), ...more, ...last.map(shellQuote)].join(' ');
  return [...prepare, ...exports, `cd ${shellQuote(folder)} || exit 1`, `exec ${line}`].join('\n');
}

function applyWords(run: PuppetApply, stage: Stage): readonly string[] {
  return [
    ...['apply', '--detailed-exitcodes'],
    ...(run.modulePath.length === 0 ? [] : ['--modulepath', run.modulePath.map(stage.path).join(':')]),
    ...(run.hieraConfig === undefined ? [] : [`--hiera_config=${stage.path(run.hieraConfig)}`]),
    ...(run.manifestFolder === undefined ? [] : [`--manifestdir=${stage.path(run.manifestFolder)}`]),
    ...(run.environmentPath === undefined ? [] : ['--environmentpath', stage.path(run.environmentPath)]),
    ...(run.environmentName === undefined ? [] : ['--environment', run.environmentName]),
  ];
}

/** Without a manifest the environment's own is applied. */
function manifestOf(run: PuppetApply, stage: Stage): readonly string[] {
  if (run.manifest !== undefined) return [stage.path(run.manifest)];
  if (run.environmentPath === undefined) return [];
  const name = run.environmentName ?? 'production';
  return [joinGuestPath(stage.path(run.environmentPath), name, 'manifests')];
}

function agentWords({ server, node, certificate, privateKey }: PuppetAgent, stage: Stage): readonly string[] {
  return [
    ...['agent', '--onetime', '--no-daemonize', '--verbose', '--detailed-exitcodes'],
    ...(server === undefined ? [] : ['--server', server]),
    ...(node === undefined ? [] : ['--certname', node]),
    ...(certificate === undefined ? [] : [`--hostcert=${stage.path(certificate)}`]),
    ...(privateKey === undefined ? [] : [`--hostprivkey=${stage.path(privateKey)}`]),
  ];
}

function programOf({ binaryFolder }: PuppetStep): string {
  return binaryFolder === undefined ? 'puppet' : shellQuote(joinGuestPath(binaryFolder, 'puppet'));
}

/** Facter reads external facts from the folders of both kinds of packages; the name is Kiln's. */
async function writeFacts(facts: Readonly<Record<string, unknown>>, stage: Stage): Promise<string> {
  const file = await stage.write('facts.json', JSON.stringify(facts));
  return `for folder in /etc/puppetlabs/facter/facts.d /etc/facter/facts.d; do
  mkdir -p "$folder" && cp ${shellQuote(file)} "$folder/kiln.json" && chmod 0644 "$folder/kiln.json" || exit 1
done`;
}

/** Packer's names for the parts of its command. */
function templateData(
  step: PuppetStep,
  stage: Stage,
  context: StepContext,
  facts: readonly (readonly [string, string])[],
): Readonly<Record<string, unknown>> {
  const { run } = step;
  const apply = run.kind === 'apply' ? run : undefined;
  const agent = run.kind === 'agent' ? run : undefined;
  const at = (path: string | undefined) => (path === undefined ? '' : stage.path(path));
  return {
    WorkingDir: step.workingFolder === undefined ? stage.folder : stage.path(step.workingFolder),
    FacterVars: facts.map(([name, value]) => `${name}=${shellQuote(value)}`).join(' '),
    ModulePath: (apply?.modulePath ?? []).map(stage.path).join(':'),
    HieraConfigPath: at(apply?.hieraConfig),
    ManifestFile: at(apply?.manifest),
    ManifestDir: at(apply?.manifestFolder),
    PuppetBinDir: step.binaryFolder ?? '',
    // The whole line runs as root already where it is to.
    Sudo: false,
    ExtraArguments: step.arguments.map((argument) => context.render(argument)).join(' '),
    PuppetServer: agent?.server ?? '',
    PuppetNode: agent?.node ?? '',
    ClientCertPath: at(agent?.certificate),
    ClientPrivateKeyPath: at(agent?.privateKey),
    Options: step.arguments.map((argument) => context.render(argument)).join(' '),
    Debug: false,
  };
}

async function providePuppet(step: PuppetStep, stage: Stage, context: StepContext): Promise<void> {
  if ((await stage.ask(`command -v ${programOf(step)}`)) !== undefined) return;
  if (!step.install) {
    throw missingInMachine(
      'puppet',
      'install it in a step before (Debian: apt-get install puppet), or let this step install it',
    );
  }
  const names = ['puppet'];
  await installPackages(
    'Puppet',
    { apt: names, dnf: names, yum: names, zypper: names, pacman: names },
    stage,
    context,
  );
}
