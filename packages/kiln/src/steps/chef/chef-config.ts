import type { ChefStep } from '../../plan/chef-step.ts';
import type { Stage } from '../stage.ts';

/**
 * The configuration file of chef-solo and chef-client, which is Ruby
 * (https://docs.chef.io/config_rb_solo/, https://docs.chef.io/config_rb_client/).
 */
export function renderChefConfig(step: ChefStep, stage: Pick<Stage, 'path' | 'private'>): string {
  const { config, tool } = step;
  const paths = (list: readonly string[]) => (list.length === 0 ? undefined : list.map(stage.path));
  const path = (one: string | undefined) => (one === undefined ? undefined : stage.path(one));
  const isLocal = tool !== 'client';
  const settings: Readonly<Record<string, Setting>> = {
    node_name: config.nodeName,
    log_level: step.logLevel === undefined ? undefined : { symbol: step.logLevel },
    log_location: { code: 'STDOUT' },
    verbose_logging: config.verboseLogging,
    enable_reporting: config.enableReporting ? undefined : false,
    file_cache_path: config.fileCachePath,
    file_backup_path: config.fileBackupPath,
    ...(isLocal && {
      local_mode: tool === 'zero' ? true : undefined,
      solo_legacy_mode: tool === 'solo' && config.legacyMode ? true : undefined,
      cookbook_path: paths(config.cookbookPaths),
      role_path: paths(config.rolePaths),
      data_bag_path: oneOrMore(paths(config.dataBagPaths)),
      environment_path: oneOrMore(paths(config.environmentPaths)),
      node_path: oneOrMore(paths(config.nodePaths)),
      recipe_url: config.recipeUrl,
    }),
    ...(!isLocal && {
      chef_server_url: config.serverUrl,
      client_key: path(config.clientKey),
      validation_key: path(config.validationKey),
      validation_client_name: config.validationClientName,
      policy_name: config.policyName,
      policy_group: config.policyGroup,
      ssl_verify_mode: config.sslVerifyMode === undefined ? undefined : { symbol: config.sslVerifyMode },
      trusted_certs_dir: path(config.trustedCertificatesFolder),
    }),
    environment: config.environment,
    encrypted_data_bag_secret: path(config.encryptedDataBagSecret),
    ...config.proxies,
  };
  const lines = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${ruby(value)}`],
  );
  return `${lines.join('\n')}\n`;
}

type Setting =
  | string
  | boolean
  | readonly string[]
  | { readonly symbol: string }
  | { readonly code: string }
  | undefined;

/** Some settings take one path, or a list of them. */
function oneOrMore(paths: readonly string[] | undefined): Setting {
  return paths?.length === 1 ? paths[0] : paths;
}

function ruby(value: Exclude<Setting, undefined>): string {
  if (typeof value === 'string') return rubyText(value);
  if (typeof value === 'boolean') return String(value);
  if ('symbol' in value) return `:${value.symbol.replace(/^:/, '').replace(/\W/g, '_')}`;
  if ('code' in value) return value.code;
  return `[${value.map(rubyText).join(', ')}]`;
}

/** Between single quotes only these two characters mean something else than themselves. */
function rubyText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
