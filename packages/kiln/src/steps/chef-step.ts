import { KilnError } from '../base/errors.ts';
import { joinGuestPath } from '../guests/guest-path.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { ChefInstallation, ChefStep } from '../plan/chef-step.ts';
import { renderChefConfig } from './chef/chef-config.ts';
import { missingInMachine } from './install-packages.ts';
import { type Stage, withStage } from './stage.ts';
import type { StepContext, StepRunner } from './step-context.ts';

/** Runs Chef inside the machine. */
export const runChefStep: StepRunner<ChefStep> = async (step, context) => {
  const { copies, folder, cleanFolder, asRoot } = step;
  await withStage({ name: 'chef', copies, folder, cleanFolder, asRoot }, context, async (stage) => {
    await provideChef(step, stage, context);
    const script = await scriptOf(step, stage, context);
    for (let attempt = 1; ; attempt++) {
      context.say(`Running ${programs[step.tool]}`);
      const code = await stage.run(script);
      if (code === 0) return;
      const message = `${programs[step.tool]} ended with exit code ${code}`;
      if (attempt >= step.attempts)
        throw new KilnError('step-failed', message, step.at ? { at: step.at } : {});
      context.say(`${message}; attempt ${attempt} of ${step.attempts}`);
    }
  });
};

const programs = { solo: 'chef-solo', zero: 'chef-client', client: 'chef-client', apply: 'chef-apply' };

/** The script of a run, once its files are written. */
export async function scriptOf(step: ChefStep, stage: Stage, context: StepContext): Promise<string> {
  const { tool, license } = step;
  const prepare = [
    ...(license === undefined ? [] : [`export CHEF_LICENSE=${shellQuote(license)}`]),
    `cd ${shellQuote(stage.folder)} || exit 1`,
  ];
  const more = step.arguments.map((argument) => context.render(argument));
  const program = [step.binaryPrefix, programOf(step)].filter(Boolean).join(' ');
  if (tool === 'apply') {
    const recipe = await stage.write('recipe.rb', step.recipe ?? '');
    const level = step.logLevel === undefined ? [] : ['--log_level', step.logLevel];
    return [...prepare, [program, shellQuote(recipe), ...level.map(shellQuote), ...more].join(' ')].join(
      '\n',
    );
  }
  const name = tool === 'solo' ? 'solo.rb' : 'client.rb';
  const config = await stage.write(name, configOf(step, stage, context));
  const json = await stage.write(
    'dna.json',
    JSON.stringify({ ...step.attributes, ...(step.runList.length > 0 && { run_list: step.runList }) }),
  );
  if (step.executeCommand !== undefined) {
    const data = { ConfigPath: config, JsonPath: json, Sudo: false };
    return [...prepare, context.render(step.executeCommand, data)].join('\n');
  }
  const words = [
    ...(tool === 'zero' ? ['--local-mode'] : []),
    ...['--config', config, '--json-attributes', json],
    ...(step.config.legacyMode && tool === 'solo' ? ['--legacy-mode'] : []),
    ...(step.logLevel === undefined ? [] : ['--log_level', step.logLevel]),
    ...(step.formatter === undefined ? [] : ['--format', step.formatter, '--force-formatter']),
  ];
  return [...prepare, [program, ...words.map(shellQuote), ...more].join(' ')].join('\n');
}

function configOf(step: ChefStep, stage: Stage, context: StepContext): string {
  const { config, configTemplate, moreConfig } = step;
  const more = moreConfig === undefined ? '' : `${context.render(moreConfig)}\n`;
  if (configTemplate === undefined) return `${renderChefConfig(step, stage)}${more}`;
  const list = (paths: readonly string[]) => paths.map((path) => JSON.stringify(stage.path(path))).join(', ');
  const first = (paths: readonly string[]) => (paths[0] === undefined ? '' : stage.path(paths[0]));
  const secret = config.encryptedDataBagSecret;
  return `${context.render(configTemplate, {
    CookbookPaths: list(config.cookbookPaths),
    DataBagsPath: first(config.dataBagPaths),
    RolesPath: first(config.rolePaths),
    EnvironmentsPath: first(config.environmentPaths),
    ChefEnvironment: config.environment ?? '',
    ChefLicense: step.license ?? '',
    EncryptedDataBagSecretPath: secret === undefined ? '' : stage.path(secret),
    HasDataBagsPath: config.dataBagPaths.length > 0,
    HasRolesPath: config.rolePaths.length > 0,
    HasEnvironmentsPath: config.environmentPaths.length > 0,
    HasEncryptedDataBagSecretPath: secret !== undefined,
    NodeName: config.nodeName ?? '',
    ServerUrl: config.serverUrl ?? '',
    ClientKey: config.clientKey ?? '',
    ValidationKeyPath: config.validationKey === undefined ? '' : stage.path(config.validationKey),
    ValidationClientName: config.validationClientName ?? '',
    PolicyGroup: config.policyGroup ?? '',
    PolicyName: config.policyName ?? '',
    SslVerifyMode: config.sslVerifyMode ?? '',
    TrustedCertsDir: config.trustedCertificatesFolder ?? '',
  })}\n${more}`;
}

function programOf({ binaryFolder, tool }: ChefStep): string {
  return binaryFolder === undefined
    ? programs[tool]
    : shellQuote(joinGuestPath(binaryFolder, programs[tool]));
}

async function provideChef(step: ChefStep, stage: Stage, context: StepContext): Promise<void> {
  const { install } = step;
  const present = await stage.ask(`${programOf(step)} --version`);
  if (present !== undefined && !install?.always && isEnough(present, install)) return;
  if (!install) {
    throw missingInMachine(
      programs[step.tool],
      'install Chef or Cinc in a step before, or let this step install it',
    );
  }
  context.say(`Installing ${install.product} with ${install.url}`);
  const script =
    install.command === undefined
      ? installerScript(install)
      : context.render(install.command, {
          Sudo: false,
          Version: install.version === 'latest' ? '' : install.version,
        });
  const code = await stage.run(script, { asRoot: true });
  if (code !== 0)
    throw new KilnError('step-failed', `the installation of ${install.product} ended with exit code ${code}`);
}

function isEnough(present: string, install: ChefInstallation | undefined): boolean {
  if (!install || install.version === 'latest' || install.version === '') return true;
  return present.includes(install.version);
}

/** https://docs.chef.io/chef_install_script/ */
function installerScript({ url, product, channel, version }: ChefInstallation): string {
  const script = `${url.replace(/\/+$/, '')}/install.sh`;
  const words = ['-P', product, '-c', channel, ...(version === 'latest' ? [] : ['-v', version])];
  return `${fetchScript(script)} | bash -s -- ${words.map(shellQuote).join(' ')}`;
}

/** A command that writes what a URL has to its output, with whatever there is to fetch it. */
export function fetchScript(url: string): string {
  const quoted = shellQuote(url);
  return `{ if command -v curl >/dev/null 2>&1; then curl -fsSL ${quoted}; else wget -qO- ${quoted}; fi; }`;
}
