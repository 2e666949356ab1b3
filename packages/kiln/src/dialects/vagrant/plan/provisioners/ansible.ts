import { dirname } from 'node:path';
import type { AnsibleOptions, GalaxyRequirements } from '../../../../plan/ansible-step.ts';
import { isTruthy, mapOf, textOr, textsOf } from '../../finish/coerce.ts';
import { provisionerSettings } from '../../settings/provisioner-settings.ts';
import type { Options, VagrantProvisioner } from '../../vagrant-config.ts';
import { onHost, type Planning } from '../planning.ts';
import { shellWords } from '../shell-words.ts';
import { given, several, stepBase } from './common.ts';
import type { ProvisionerCompiler } from './compiler.ts';

/** https://developer.hashicorp.com/vagrant/docs/provisioning/ansible: Ansible of this host. */
export const compileAnsible: ProvisionerCompiler = (provisioner, planning) => {
  const { settings, at } = provisioner;
  const path = (name: string) => {
    const value = given(settings[name]);
    return value === undefined ? undefined : onHost(planning, value);
  };
  const playbook = path('playbook') ?? '';
  const inventory = path('inventory_path');
  const configFile = path('config_file');
  const vaultPasswordFile = path('vault_password_file');
  const version = given(settings['version']);
  if (version !== undefined && version !== 'latest')
    planning.warn(`Ansible ${version} is asked for; Kiln runs the one that this host has`, at);
  const extraVars = extraVarsOf(settings, (file) => onHost(planning, file));
  return [
    {
      ...common(provisioner, planning),
      kind: 'ansible',
      playbook,
      ...(inventory !== undefined && { inventory }),
      inventoryFolder: `${planning.config.dotfiles}/provisioners/ansible/inventory`,
      keepInventory: true,
      ...(configFile !== undefined && { configFile }),
      ...(vaultPasswordFile !== undefined && { vaultPasswordFile }),
      ...(extraVars && { extraVars }),
      ...galaxyOf(settings, (file) => onHost(planning, file), `${dirname(playbook)}/roles`),
      forceUser: settings['force_remote_user'] !== false,
      hostKeyChecking: isTruthy(settings['host_key_checking']),
      sshArguments: several(settings['raw_ssh_args']).flatMap(shellWords),
      askBecomePassword: isTruthy(settings['ask_become_pass']),
      askVaultPassword: isTruthy(settings['ask_vault_pass']),
      reads: [playbook, inventory, extraVars?.kind === 'file' ? extraVars.path : undefined].filter(
        (one) => one !== undefined,
      ),
    },
  ];
};

/** https://developer.hashicorp.com/vagrant/docs/provisioning/ansible_local: all paths are of the machine. */
export const compileAnsibleLocal: ProvisionerCompiler = (provisioner, planning) => {
  const { settings } = provisioner;
  const asItIs = (path: string) => path;
  const inventory = given(settings['inventory_path']);
  const configFile = given(settings['config_file']);
  const vaultPasswordFile = given(settings['vault_password_file']);
  const extraVars = extraVarsOf(settings, asItIs);
  return [
    {
      ...common(provisioner, planning),
      kind: 'ansible-local',
      playbooks: [given(settings['playbook']) ?? ''],
      copies: [],
      folder: given(settings['provisioning_path']) ?? '/vagrant',
      cleanFolder: false,
      ...(inventory !== undefined && { inventory }),
      ...(configFile !== undefined && { configFile }),
      ...(vaultPasswordFile !== undefined && { vaultPasswordFile }),
      ...(extraVars && { extraVars }),
      ...galaxyOf(settings, asItIs),
      ...(isTruthy(settings['install']) && { install: installationOf(settings) }),
      otherHosts: planning.config.machines
        .map(({ name }) => name)
        .filter((name) => name !== planning.machine.name),
    },
  ];
};

function common({ settings, at }: VagrantProvisioner, { machine }: Planning): Omit<AnsibleOptions, 'kind'> {
  const limit = several(settings['limit']).join(',');
  const becomeUser = given(settings['become_user']);
  const startAtTask = given(settings['start_at_task']);
  return {
    ...stepBase(at),
    command: given(settings['playbook_command']) ?? 'ansible-playbook',
    hostName: machine.name,
    limit: limit === '' ? machine.name : limit,
    tags: several(settings['tags']),
    skipTags: several(settings['skip_tags']),
    ...(startAtTask !== undefined && { startAtTask }),
    become: isTruthy(settings['become']),
    ...(becomeUser !== undefined && { becomeUser }),
    verbosity: verbosityOf(settings['verbose']),
    groups: Object.fromEntries(
      Object.entries(mapOf(settings['groups'])).map(([name, value]) => [name, groupOf(value)]),
    ),
    hostVars: Object.fromEntries(
      Object.entries(mapOf(settings['host_vars'])).map(([name, value]) => [name, groupOf(value)]),
    ),
    arguments: several(settings['raw_arguments']),
    environment: [],
    packerVariables: false,
  };
}

/** A list of words, of which one may stand alone, or a hash. */
function groupOf(value: unknown): readonly string[] | Options {
  if (Array.isArray(value)) return textsOf(value);
  return typeof value === 'object' && value !== null ? mapOf(value) : several(value);
}

/** `true`, or the letters themselves with or without what makes them an option. */
function verbosityOf(value: unknown): number {
  if (value === true) return 1;
  const letters = /^-?(v+)$/.exec(textOr(value) ?? '')?.[1];
  return letters === undefined ? (isTruthy(value) && textOr(value) !== '' ? 1 : 0) : letters.length;
}

function extraVarsOf(settings: Options, path: (path: string) => string): AnsibleOptions['extraVars'] {
  const value = settings['extra_vars'];
  if (typeof value === 'string') {
    return value === '' ? undefined : { kind: 'file', path: path(value.replace(/^@/, '')) };
  }
  return isTruthy(value) ? { kind: 'values', values: mapOf(value) } : undefined;
}

function galaxyOf(
  settings: Options,
  path: (path: string) => string,
  standardRolesPath?: string,
): { readonly galaxy?: GalaxyRequirements } {
  const file = given(settings['galaxy_role_file']);
  if (file === undefined) return {};
  const own = given(settings['galaxy_roles_path']);
  const rolesPath = own === undefined ? standardRolesPath : path(own);
  const command = given(settings['galaxy_command']);
  const isStandard = command === provisionerSettings['ansible']?.['galaxy_command']?.fallback;
  return {
    galaxy: {
      file: path(file),
      ...(rolesPath !== undefined && { rolesPath }),
      ...(command !== undefined && !isStandard && { command }),
      force: true,
    },
  };
}

function installationOf(settings: Options) {
  const mode = textOr(settings['install_mode']);
  const version = given(settings['version']);
  const pipArguments = given(settings['pip_args']);
  const pipInstallCommand = given(settings['pip_install_cmd']);
  return {
    from: mode === 'pip' ? 'pip' : mode === 'pip_args_only' ? 'pip-arguments' : 'packages',
    withCollections: true,
    ...(version !== undefined && { version }),
    ...(pipArguments !== undefined && { pipArguments }),
    ...(pipInstallCommand !== undefined && { pipInstallCommand }),
  } as const;
}
