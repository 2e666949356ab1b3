import { didYouMean } from '../../../base/suggest.ts';
import type { RawProvisioner } from '../ruby/raw-result.ts';
import { knownPlugins } from '../settings/plugin-settings.ts';
import { provisionerSettings } from '../settings/provisioner-settings.ts';
import type { Options, VagrantProvisioner } from '../vagrant-config.ts';
import { checkProvisioner } from './check-provisioners.ts';
import { finishSection, isTruthy, mapOf } from './coerce.ts';
import type { MachineContext } from './machine-context.ts';

const tables = {
  ...provisionerSettings,
  ...Object.assign({}, ...knownPlugins.map(({ provisioners = {} }) => provisioners)),
};

/** Provisioners that are known by name only. */
const withoutEffect = new Map(
  knownPlugins
    .filter(({ builtIn }) => !builtIn)
    .flatMap(({ name, provisioners = {} }) => Object.keys(provisioners).map((type) => [type, name])),
);

/** What is run in the machine, in order. */
export function finishProvisioners(
  raw: readonly RawProvisioner[],
  context: MachineContext,
): VagrantProvisioner[] {
  const names = new Set(raw.flatMap(({ name }) => name ?? []));
  return raw.map((one) => finishProvisioner(one, names, context));
}

export function finishProvisioner(
  raw: RawProvisioner,
  names: ReadonlySet<string>,
  context: MachineContext,
): VagrantProvisioner {
  const { problems } = context;
  const { type, place } = raw;
  const plugin = withoutEffect.get(type);
  if (!raw.known) {
    const meant = didYouMean(type, Object.keys(tables));
    if (meant !== undefined) problems.error(place, `there is no provisioner ${type}`, meant);
    else
      problems.warn(place, `there is no provisioner ${type}: nothing is run there`, 'it may be of a plugin');
  }
  if (raw.own)
    problems.warn(place, `the provisioner ${type} is Ruby of the file's own; Kiln does not run it`);
  if (plugin !== undefined) problems.warn(place, `the provisioner ${type} of ${plugin} has no effect`);
  const settings = provisionerValues(raw, context);
  const supported = raw.known && !raw.own && plugin === undefined;
  if (supported) checkProvisioner(type, settings, place, context);
  return {
    name: raw.name ?? undefined,
    type,
    at: problems.at(place),
    run: runOf(raw, context),
    before: dependency('before', raw, names, context),
    after: dependency('after', raw, names, context),
    communicatorRequired: isTruthy(raw.communicator_required),
    supported,
    settings,
    calls: raw.config.calls,
  };
}

function provisionerValues(raw: RawProvisioner, context: MachineContext): Options {
  const table = tables[raw.type];
  if (raw.own || table === undefined || Object.keys(table).length === 0) return raw.config.settings;
  const values: Options = finishSection(raw.config, table, `the provisioner ${raw.type}`, context);
  const wrapped = values['post_install_provisioner'] as RawProvisioner | null | undefined;
  const extra = Object.entries(raw.config.settings).filter(([name]) => !(name in table));
  return {
    ...values,
    ...Object.fromEntries(extra),
    ...finishedSpecially(raw.type, values, raw),
    ...(wrapped && { post_install_provisioner: finishProvisioner(wrapped, new Set(), context) }),
  };
}

/** Values that depend on each other, or that may be written in several ways. */
function finishedSpecially(type: string, values: Options, raw: RawProvisioner): Options {
  switch (type) {
    case 'shell':
      return shellValues(values);
    case 'puppet':
      return puppetValues(values, raw.config.settings);
    case 'chef_solo':
    case 'chef_zero':
      return chefValues(values, raw.config.settings);
    case 'docker':
    case 'podman':
      return containerValues(values);
    case 'ansible':
    case 'ansible_local':
      return { become: values['become'] === true, raw_arguments: listOrNull(values['raw_arguments']) };
    default:
      return {};
  }
}

/** `args` of the shell: texts. */
export function shellValues({ args }: Options): Options {
  if (Array.isArray(args)) return { args: args.map(String) };
  return { args: args === null || args === undefined ? null : String(args) };
}

function puppetValues(values: Options, given: Options): Options {
  const placed = (value: unknown) => (Array.isArray(value) ? value : ['host', value]);
  if (given['environment_path'] !== undefined) {
    return {
      environment_path: placed(given['environment_path']),
      environment: given['environment'] ?? 'production',
      manifests_path: given['manifests_path'] === undefined ? null : placed(given['manifests_path']),
    };
  }
  return {
    manifests_path: placed(given['manifests_path'] ?? 'manifests'),
    manifest_file: values['manifest_file'] ?? 'default.pp',
  };
}

const chefPaths = [
  'cookbooks_path',
  'data_bags_path',
  'environments_path',
  'nodes_path',
  'roles_path',
] as const;

/** Folders of Chef as `[where, path]`, where `host` or `vm`. */
function chefValues(values: Options, given: Options): Options {
  const standard = given['recipe_url'] === undefined ? [['host', 'cookbooks']] : [];
  const fallback: Options = { cookbooks_path: [...standard, ['vm', 'cookbooks']] };
  return Object.fromEntries(
    chefPaths.map((name) => [name, chefFolders(given[name] ?? fallback[name] ?? values[name] ?? [])]),
  );
}

function chefFolders(value: unknown): unknown[] {
  const isOne = !Array.isArray(value) || value[0] === 'host' || value[0] === 'vm';
  const list = isOne ? [value] : (value as unknown[]);
  return list.flatMap((one) => (one === null ? [] : [Array.isArray(one) ? one : ['host', one]]));
}

/** Containers have an image and a way to be started again. */
function containerValues({ containers }: Options): Options {
  const defaults = { auto_assign_name: true, daemonize: true, restart: 'always' };
  const finished = Object.entries(mapOf(containers)).map(([name, given]) => [
    name,
    { image: name, ...defaults, ...mapOf(given) },
  ]);
  return { containers: Object.fromEntries(finished) };
}

function listOrNull(value: unknown): unknown {
  return value === null || value === undefined || Array.isArray(value) ? (value ?? null) : [value];
}

function runOf(
  { run, place, type }: RawProvisioner,
  { problems }: MachineContext,
): VagrantProvisioner['run'] {
  if (run === null) return 'once';
  if (run === 'once' || run === 'always' || run === 'never') return run;
  problems.error(place, `the provisioner ${type}: \`run\` is once, always or never, not ${run}`);
  return 'once';
}

/** Provisioners may stand before or after another one, by its name. */
function dependency(
  which: 'before' | 'after',
  raw: RawProvisioner,
  names: ReadonlySet<string>,
  { problems }: MachineContext,
): string | undefined {
  const target = raw[which];
  if (target === null) return undefined;
  const label = raw.name ?? raw.type;
  if (which === 'after' && raw.before !== null) {
    problems.error(raw.place, `the provisioner ${label} cannot have both \`before\` and \`after\``);
  }
  if (target !== 'each' && target !== 'all' && !names.has(target)) {
    problems.error(raw.place, `the provisioner ${label} is to run ${which} ${target}, which does not exist`);
  }
  return target;
}
