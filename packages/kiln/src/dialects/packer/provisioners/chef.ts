import { readFileSync } from 'node:fs';
import { isSystemError } from '../../../base/errors.ts';
import type { ChefStep } from '../../../plan/chef-step.ts';
import type { Copy } from '../../../plan/copy.ts';
import { type LateData, lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import { bringFile } from './bring.ts';
import type { StepMeta } from './step-meta.ts';

const late = (...fields: readonly string[]): LateData => ({
  ...lateBuildValues,
  fields: new Set([...lateBuildValues.fields, ...fields]),
  always: true,
});

const lateCommand = late('ConfigPath', 'JsonPath', 'Sudo');
const lateInstall = late('Sudo', 'Version');
const lateConfig = late(
  ...['CookbookPaths', 'DataBagsPath', 'RolesPath', 'EnvironmentsPath', 'ChefEnvironment', 'ChefLicense'],
  ...['EncryptedDataBagSecretPath', 'HasDataBagsPath', 'HasRolesPath', 'HasEnvironmentsPath'],
  'HasEncryptedDataBagSecretPath',
);

/** https://developer.hashicorp.com/packer/integrations/hashicorp/chef: chef-solo */
export function readChefSolo(options: Options, meta: StepMeta): ChefStep {
  const copies: Copy[] = [];
  const places = options.items('cookbook_paths');
  const cookbooks = options.strings('cookbook_paths').map((path, index) => {
    options.context.mustExist(
      path,
      'cookbook folder',
      places[index]?.at ?? options.placeOf('cookbook_paths'),
    );
    const to = `cookbooks-${index}`;
    copies.push({ from: options.context.path(path), to });
    return to;
  });
  const remote = options.strings('remote_cookbook_paths');
  const folder = (name: string, as: string) => {
    const found = bringFile(options, name, 'folder', copies, () => as);
    return found === undefined ? [] : [found];
  };
  const secret = bringFile(
    options,
    'encrypted_data_bag_secret_path',
    'file',
    copies,
    () => 'data-bag-secret',
  );
  const environment = options.string('chef_environment');
  const staging = options.string('staging_directory');
  const license = options.string('chef_license');
  const executeCommand = options.text('execute_command', lateCommand);
  const configTemplate = readConfig(options);
  const install = readInstallation(options);
  if (options.oneOf('guest_os_type', ['unix', 'windows']) === 'windows')
    options.error('guest_os_type', 'Kiln runs Chef in POSIX machines only');
  const step: ChefStep = {
    ...meta,
    kind: 'chef',
    tool: 'solo',
    copies,
    ...(staging !== undefined && { folder: staging }),
    cleanFolder: false,
    asRoot: !options.boolean('prevent_sudo'),
    runList: options.strings('run_list'),
    attributes: options.object('json'),
    config: {
      cookbookPaths: [...remote, ...cookbooks],
      rolePaths: folder('roles_path', 'roles'),
      dataBagPaths: folder('data_bags_path', 'data-bags'),
      environmentPaths: folder('environments_path', 'environments'),
      nodePaths: [],
      ...(environment !== undefined && { environment }),
      ...(secret !== undefined && { encryptedDataBagSecret: secret }),
      verboseLogging: false,
      enableReporting: true,
      legacyMode: false,
      proxies: {},
    },
    ...(configTemplate !== undefined && { configTemplate }),
    arguments: ['--no-color'],
    attempts: 1,
    ...(license !== undefined && { license }),
    ...(install && { install }),
    ...(executeCommand !== undefined && { executeCommand }),
  };
  options.finish();
  return step;
}

function readConfig(options: Options): ChefStep['configTemplate'] {
  const path = options.string('config_template');
  if (path === undefined) return undefined;
  const at = options.placeOf('config_template');
  try {
    return options.context.compile(readFileSync(options.context.path(path), 'utf8'), at, lateConfig);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    options.error('config_template', `the file ${path} cannot be read`);
    return undefined;
  }
}

function readInstallation(options: Options): ChefStep['install'] {
  const command = options.text('install_command', lateInstall);
  const version = options.string('version');
  if (options.boolean('skip_install')) return undefined;
  return {
    product: 'chef',
    channel: 'stable',
    version: version ?? 'latest',
    url: 'https://omnitruck.chef.io',
    ...(command !== undefined && { command }),
    always: false,
  };
}
