import { readFileSync } from 'node:fs';
import { isSystemError } from '../../../../base/errors.ts';
import type { ChefStep } from '../../../../plan/chef-step.ts';
import { isTruthy, mapOf, textOr } from '../../finish/coerce.ts';
import type { Options } from '../../vagrant-config.ts';
import { onHost, type Planning } from '../planning.ts';
import { given, Luggage, several, stepBase } from './common.ts';
import type { ProvisionerCompiler } from './compiler.ts';

/** https://developer.hashicorp.com/vagrant/docs/provisioning/chef_common and its neighbours */
export const compileChef: ProvisionerCompiler = ({ type, settings, at }, planning) => {
  const luggage = new Luggage(planning, at);
  const tool = type.replace(/^chef_/, '') as ChefStep['tool'];
  for (const name of ['delete_client', 'delete_node']) {
    if (isTruthy(settings[name])) planning.warn(`${name}: Kiln removes nothing from Chef's server`, at);
  }
  const config = configOf(settings, luggage);
  const options = optionsOf(settings, planning, at);
  return [
    {
      ...stepBase(at),
      kind: 'chef',
      tool,
      copies: luggage.copies,
      cleanFolder: false,
      asRoot: true,
      runList: several(settings['run_list']),
      attributes: mapOf(settings['json']),
      config,
      ...options,
    },
  ];
};

function optionsOf(settings: Options, planning: Planning, at: ChefStep['at']) {
  const recipe = given(settings['recipe']);
  const folder = given(settings['provisioning_path']);
  const logLevel = given(settings['log_level']);
  const formatter = given(settings['formatter']);
  const binaryFolder = given(settings['binary_path']);
  const binaryPrefix = given(settings['binary_env']);
  const custom = given(settings['custom_config_path']);
  const moreConfig = custom === undefined ? undefined : textOf(custom, planning, at);
  return {
    ...(recipe !== undefined && { recipe }),
    ...(folder !== undefined && { folder }),
    ...(logLevel !== undefined && { logLevel }),
    ...(formatter !== undefined && { formatter }),
    ...(binaryFolder !== undefined && { binaryFolder }),
    ...(binaryPrefix !== undefined && { binaryPrefix }),
    ...(moreConfig !== undefined && { moreConfig }),
    arguments: several(settings['arguments']),
    attempts: Math.max(1, Number(settings['attempts'] ?? 1)),
    ...(settings['install'] !== false && {
      install: {
        product: given(settings['product']) ?? 'chef',
        channel: given(settings['channel']) ?? 'stable',
        version: given(settings['version']) ?? 'latest',
        url: given(settings['omnibus_url']) ?? 'https://omnitruck.chef.io',
        always: textOr(settings['install']) === 'force',
      },
    }),
  };
}

function textOf(path: string, planning: Planning, at: ChefStep['at']): string | undefined {
  try {
    return readFileSync(onHost(planning, path), 'utf8');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    planning.refuse(`the Chef configuration ${path} cannot be read`, at);
    return undefined;
  }
}

const proxyNames = [
  ...['http_proxy', 'http_proxy_user', 'http_proxy_pass'],
  ...['https_proxy', 'https_proxy_user', 'https_proxy_pass', 'no_proxy'],
] as const;

function configOf(settings: Options, luggage: Luggage): ChefStep['config'] {
  const text = (name: string) => given(settings[name]);
  const environment = text('environment');
  const nodeName = text('node_name');
  const secret = luggage.bring(text('encrypted_data_bag_secret_key_path'), 'data-bag-secret');
  const validationKey = luggage.bring(text('validation_key_path'), 'validation.pem');
  const fileCachePath = text('file_cache_path');
  const fileBackupPath = text('file_backup_path');
  const recipeUrl = text('recipe_url');
  const serverUrl = text('chef_server_url');
  const clientKey = text('client_key_path');
  const validationClientName = text('validation_client_name');
  return {
    // The machine's own folder that Vagrant adds is the one that nothing is brought to here.
    cookbookPaths: luggage
      .bringFolders(settings['cookbooks_path'], 'cookbooks')
      .filter((path) => path !== 'cookbooks'),
    rolePaths: luggage.bringFolders(settings['roles_path'], 'roles'),
    dataBagPaths: luggage.bringFolders(settings['data_bags_path'], 'data-bags'),
    environmentPaths: luggage.bringFolders(settings['environments_path'], 'environments'),
    nodePaths: luggage.bringFolders(settings['nodes_path'], 'nodes'),
    ...(environment !== undefined && { environment }),
    ...(nodeName !== undefined && { nodeName }),
    ...(secret !== undefined && { encryptedDataBagSecret: secret }),
    ...(validationKey !== undefined && { validationKey }),
    ...(fileCachePath !== undefined && { fileCachePath }),
    ...(fileBackupPath !== undefined && { fileBackupPath }),
    ...(recipeUrl !== undefined && { recipeUrl }),
    ...(serverUrl !== undefined && { serverUrl }),
    ...(clientKey !== undefined && { clientKey }),
    ...(validationClientName !== undefined && { validationClientName }),
    verboseLogging: isTruthy(settings['verbose_logging']),
    enableReporting: settings['enable_reporting'] !== false,
    legacyMode: isTruthy(settings['legacy_mode']),
    proxies: Object.fromEntries(
      proxyNames.flatMap((name) => {
        const value = text(name);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}
