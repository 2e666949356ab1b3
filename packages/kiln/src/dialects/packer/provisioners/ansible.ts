import { basename } from 'node:path';
import type {
  AnsibleLocalStep,
  AnsibleOptions,
  AnsibleStep,
  GalaxyRequirements,
} from '../../../plan/ansible-step.ts';
import type { Copy } from '../../../plan/copy.ts';
import { lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import { readAssignments } from './environment.ts';
import type { StepMeta } from './step-meta.ts';

/**
 * Packer's ansible provisioner (https://developer.hashicorp.com/packer/integrations/hashicorp/ansible). Where Packer puts
 * a proxy between Ansible and its own connection, Kiln hands Ansible the machine's address.
 */
export function readAnsibleProvisioner(options: Options, meta: StepMeta): AnsibleStep | undefined {
  const playbook = readPath(options, 'playbook_file', 'playbook');
  const inventory = readPath(options, 'inventory_file', 'inventory');
  const inventoryFolder = readPath(options, 'inventory_directory', 'folder');
  const usesProxy = !options.has('use_proxy') || options.boolean('use_proxy');
  const user = options.string('user');
  const hostName = options.string('host_alias') ?? 'default';
  const groups = options.strings('groups').map((name): [string, string[]] => [name, [hostName]]);
  const empty = options.strings('empty_groups').map((name): [string, string[]] => [name, []]);
  const galaxy = readGalaxy(options, 'roles_path', 'collections_path', (path) => options.context.path(path));
  const isKept = options.boolean('keep_inventory_file');
  const step = {
    ...common(options, meta, hostName),
    command: options.string('command') ?? 'ansible-playbook',
    environment: readAssignments(options, 'ansible_env_vars'),
    groups: Object.fromEntries([...groups, ...empty]),
    sshArguments: options.strings('ansible_ssh_extra_args').flatMap((words) => words.split(/\s+/)),
  };
  options.refuse(
    'inventory_file_template',
    'it writes the line of the host itself',
    'give an inventory_file',
  );
  options.refuse('ansible_winrm_use_http', 'machines are reached by SSH');
  // What the proxy is like.
  for (const name of ['local_port', 'ssh_host_key_file', 'ssh_authorized_key_file', 'sftp_command'])
    options.ignore(name, 'Ansible reaches the machine without a proxy');
  for (const name of ['use_sftp', 'skip_version_check', 'ansible_proxy_key_type', 'ansible_proxy_host'])
    options.ignore(name);
  options.finish();
  if (playbook === undefined) return undefined;
  return {
    ...step,
    kind: 'ansible',
    playbook,
    ...(inventory !== undefined && { inventory }),
    ...(inventoryFolder !== undefined && { inventoryFolder }),
    ...(galaxy && { galaxy }),
    // The name by which Packer's proxy knows somebody is nobody's in the machine.
    ...(!usesProxy && user !== undefined && { user }),
    keepInventory: isKept,
    forceUser: true,
    hostKeyChecking: false,
    askBecomePassword: false,
    askVaultPassword: false,
    reads: [playbook, inventory, galaxy?.file].filter((path) => path !== undefined),
  };
}

/** Packer's ansible-local provisioner. */
export function readAnsibleLocalProvisioner(options: Options, meta: StepMeta): AnsibleLocalStep | undefined {
  const copies: Copy[] = [];
  const bring = (from: string | undefined, to: (path: string) => string) => {
    if (from === undefined) return undefined;
    copies.push({ from, to: to(from) });
    return to(from);
  };
  const folder = readPath(options, 'playbook_dir', 'folder');
  bring(folder, () => '.');
  /** Its place in the folder that is brought along, or beside it. */
  const inPlay = (path: string) =>
    folder !== undefined && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : basename(path);
  const one = options.has('playbook_file') ? readPath(options, 'playbook_file', 'playbook') : undefined;
  const several = readPaths(options, 'playbook_files', 'playbook');
  const playbooks = [...(one === undefined ? [] : [one]), ...several].flatMap(
    (path) => bring(path, inPlay) ?? [],
  );
  if (one !== undefined && several.length > 0)
    options.error('playbook_files', 'only one of "playbook_file" and "playbook_files" is possible');
  if (one === undefined && several.length === 0 && !options.has('playbook_file'))
    options.missing('playbook_files', 'give "playbook_file" or "playbook_files"');
  const inventory = bring(readPath(options, 'inventory_file', 'inventory'), (path) => basename(path));
  bring(readPath(options, 'group_vars', 'folder'), () => 'group_vars');
  bring(readPath(options, 'host_vars', 'folder'), () => 'host_vars');
  for (const path of readPaths(options, 'role_paths', 'role')) bring(path, () => `roles/${basename(path)}`);
  for (const path of readPaths(options, 'collection_paths', 'collection'))
    bring(path, () => `collections/${basename(path)}`);
  for (const path of readPaths(options, 'playbook_paths', 'playbook folder'))
    bring(path, () => basename(path));
  const galaxy = readGalaxy(
    options,
    'galaxy_roles_path',
    'galaxy_collections_path',
    (path) => bring(options.context.path(path), () => basename(path))!,
  );
  const staging = options.string('staging_directory');
  const hostName = '127.0.0.1';
  const step = {
    ...common(options, meta, hostName),
    command: options.string('command') ?? 'ansible-playbook',
    groups: Object.fromEntries(options.strings('inventory_groups').map((name) => [name, [hostName]])),
    cleanFolder: options.boolean('clean_staging_directory'),
  };
  options.finish();
  if (playbooks.length === 0) return undefined;
  return {
    ...step,
    kind: 'ansible-local',
    playbooks,
    copies,
    ...(staging !== undefined && { folder: staging }),
    ...(inventory !== undefined && { inventory }),
    ...(galaxy && { galaxy }),
    otherHosts: [],
    // An inventory of the user's own need not say that its host is this one.
    arguments: ['--connection=local', ...step.arguments],
  };
}

function common(
  options: Options,
  meta: StepMeta,
  hostName: string,
): Omit<AnsibleOptions, 'kind' | 'command'> {
  return {
    ...meta,
    hostName,
    tags: [],
    skipTags: [],
    become: false,
    verbosity: 0,
    groups: {},
    hostVars: {},
    arguments: options.texts('extra_arguments', lateBuildValues),
    environment: [],
    packerVariables: true,
  };
}

/** @param place where the file is for who runs Galaxy */
function readGalaxy(
  options: Options,
  rolesName: string,
  collectionsName: string,
  place: (path: string) => string,
): GalaxyRequirements | undefined {
  const file = options.string('galaxy_file');
  const rolesPath = options.string(rolesName);
  const collectionsPath = options.string(collectionsName);
  const program = options.string('galaxy_command');
  const force = options.boolean('galaxy_force_install') || options.boolean('galaxy_force_with_deps');
  if (file === undefined) return undefined;
  options.context.mustExist(file, 'galaxy file', options.placeOf('galaxy_file'));
  const command =
    program === undefined || program === 'ansible-galaxy'
      ? undefined
      : `${program} install -r %{role_file} -p %{roles_path}`;
  return {
    file: place(file),
    ...(rolesPath !== undefined && { rolesPath }),
    ...(collectionsPath !== undefined && { collectionsPath }),
    ...(command !== undefined && { command }),
    force,
  };
}

/** A file or folder of this host. Undefined when it is left out, or after a mistake that was reported. */
function readPath(options: Options, name: string, what: string): string | undefined {
  const path = options.string(name);
  if (path === undefined) {
    if (name === 'playbook_file') options.missing(name);
    return undefined;
  }
  options.context.mustExist(path, what, options.placeOf(name));
  return options.context.path(path).replace(/(?<=.)\/+$/, '');
}

function readPaths(options: Options, name: string, what: string): readonly string[] {
  const places = options.items(name);
  return options.strings(name).map((path, index) => {
    options.context.mustExist(path, what, places[index]?.at ?? options.placeOf(name));
    return options.context.path(path).replace(/(?<=.)\/+$/, '');
  });
}
