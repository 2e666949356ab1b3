import type { VagrantConfig, VagrantMachine } from '../vagrant-config.ts';

/**
 * A configuration in a form that Kiln's and the real Vagrant's can be compared in: what both know, with what is random
 * left out.
 */
export interface Comparable {
  readonly primary: string;
  readonly machines: readonly Record<string, unknown>[];
}

type Data = Readonly<Record<string, unknown>>;

/** What `real-vagrant.rb` prints for a project. */
export interface RealProject {
  readonly failed?: string;
  readonly exit?: number;
  readonly primary?: string;
  readonly machines?: readonly RealMachine[];
}

interface RealMachine extends Data {
  readonly name: string;
  readonly failed?: string;
  readonly vm: Data;
  readonly networks: readonly (readonly [string, Data])[];
  readonly folders: readonly (readonly [string, Data])[];
  readonly provisioners: readonly (Data & { readonly config: Data })[];
  readonly providers: Readonly<Record<string, Data>>;
  readonly triggers: { readonly before: readonly Data[]; readonly after: readonly Data[] };
  readonly disks: readonly Data[];
  readonly cloud_init: readonly Data[];
  readonly ssh: Data & { readonly default: Data };
  readonly winrm: Data;
  readonly winssh: Data;
}

/** Providers that both have settings of. */
const sharedProviders = ['virtualbox', 'docker', 'hyperv', 'libvirt'];

/** Decided later by the real Vagrant, or of its inside. */
const notCompared = new Set([
  'allow_fstab_modification',
  'box_extra_download_options',
  'id',
  'logger',
  'system_uri',
  'uri',
]);

export function comparableOfReal({ primary = '', machines = [] }: RealProject): Comparable {
  return {
    primary,
    machines: machines.map((machine) => {
      if (machine.failed !== undefined) return { name: machine.name, failed: true };
      const { vm, networks, folders, provisioners, providers, triggers, disks, ssh, winrm } = machine;
      return {
        name: machine.name,
        primary: machine['primary'],
        autostart: machine['autostart'],
        mentioned: machine['mentioned'],
        vm: without(vm, notCompared),
        networks: networks.map(([kind, options]) => [kind, withoutRandomId(kind, options)]),
        folders,
        provisioners: provisioners.map((one) => ({
          name: one['name'],
          type: one['type'],
          run: one['run'] ?? 'once',
          before: one['before'],
          after: one['after'],
          config: provisionerConfig(one.config),
        })),
        providers: Object.fromEntries(
          Object.entries(providers)
            .filter(([name]) => sharedProviders.includes(name))
            .map(([name, settings]) => [name, without(settings, notCompared)]),
        ),
        disks: disks.map((disk) => ({
          ...without(disk, new Set(['id', 'provider_type', 'disk_ext', 'size'])),
          size: bytes(disk['size']),
        })),
        cloud_init: machine.cloud_init.map((one) => without(one, notCompared)),
        ssh: without(ssh, new Set(['default'])),
        ssh_default: ssh.default,
        winrm,
        triggers: { before: triggers.before.map(realTrigger), after: triggers.after.map(realTrigger) },
      };
    }),
  };
}

/** @param real tells which settings there are to compare */
export function comparableOfKiln(config: VagrantConfig, real: RealProject): Comparable {
  return {
    primary: config.primary ?? '',
    machines: (real.machines ?? []).map(({ name, ...other }, index) => {
      const machine = config.machines.find((one) => one.name === name);
      if (machine === undefined) return { name, failed: true };
      const compared = comparableMachine(machine, other as RealMachine);
      return config.machines[index]?.name === name
        ? compared
        : { ...compared, name: `${name} at another place` };
    }),
  };
}

function comparableMachine(machine: VagrantMachine, real: RealMachine): Record<string, unknown> {
  const sameKeys = (mine: Data, theirs: Data, left: ReadonlySet<string> = notCompared) =>
    Object.fromEntries(Object.keys(without(theirs, left)).map((key) => [key, mine[key]]));
  return {
    name: machine.name,
    primary: machine.primary,
    autostart: machine.autostart,
    mentioned: machine.mentionedProviders,
    vm: sameKeys(machine.vm, real.vm),
    networks: machine.networks.map((one) => [one.kind, withoutRandomId(one.kind, one.options)]),
    folders: machine.syncedFolders.map(({ id, options }) => [id, options]),
    provisioners: machine.provisioners.map((one, index) => ({
      name: one.name ?? null,
      type: one.type,
      run: one.run,
      before: one.before ?? null,
      after: one.after ?? null,
      config: sameKeys(
        provisionerConfig(one.settings),
        provisionerConfig(real.provisioners[index]?.config ?? {}),
      ),
    })),
    providers: Object.fromEntries(
      Object.entries(machine.providers)
        .filter(([name]) => sharedProviders.includes(name))
        .map(([name, settings]) => [name, sameKeys(plainMarks(settings), real.providers[name] ?? {})]),
    ),
    disks: machine.disks.map((disk) => ({
      name: disk.name ?? null,
      type: disk.kind,
      size: disk.size ?? null,
      file: disk.file ?? null,
      primary: disk.primary,
      provider_config: disk.providerConfig,
    })),
    cloud_init: machine.cloudInit.map((one) => ({
      type: 'user_data',
      content_type: one.contentType,
      content_disposition_filename: one.fileName ?? null,
      path: one.path ?? null,
      inline: one.inline ?? null,
    })),
    ssh: sameKeys(machine.ssh, real.ssh, new Set(['default'])),
    ssh_default: sameKeys(machine.ssh.default, real.ssh.default, new Set()),
    winrm: machine.winrm,
    triggers: {
      before: machine.triggers.before.map(kilnTrigger),
      after: machine.triggers.after.map(kilnTrigger),
    },
  };
}

function realTrigger(trigger: Data): Data {
  return {
    command: trigger['command'],
    type: trigger['type'],
    name: trigger['name'],
    info: trigger['info'],
    warn: trigger['warn'],
    on_error: trigger['on_error'],
    ignore: trigger['ignore'],
    only_on: trigger['only_on'],
    run: trigger['run'],
    run_remote: trigger['run_remote'],
    exit_codes: trigger['exit_codes'],
    abort: trigger['abort'],
    ruby: trigger['ruby_block'] !== null,
  };
}

function kilnTrigger(trigger: VagrantMachine['triggers']['before'][number]): Data {
  return {
    command: trigger.command,
    type: trigger.type,
    name: trigger.name ?? null,
    info: trigger.info ?? null,
    warn: trigger.warn ?? null,
    on_error: trigger.onError,
    ignore: trigger.ignore,
    only_on: trigger.onlyOn ?? null,
    run: trigger.run ?? null,
    run_remote: trigger.runRemote ?? null,
    exit_codes: trigger.exitCodes,
    abort: trigger.abort ?? null,
    ruby: trigger.ruby !== undefined,
  };
}

/** Sets have no order, and a provisioner in a provisioner is compared by its settings. */
function provisionerConfig(config: Data): Data {
  const { images, post_install_provisioner: inner, ...rest } = config;
  const own = inner as { settings?: Data; config?: Data } | null | undefined;
  return {
    ...rest,
    ...(Array.isArray(images) && { images: [...images].sort() }),
    ...(own && { post_install_provisioner: (own.settings ?? own.config)?.['inline'] }),
  };
}

/** Kiln keeps `:id` apart from `"id"`. */
function plainMarks(settings: Data): Data {
  const { customizations } = settings;
  if (!Array.isArray(customizations)) return settings;
  const lines = customizations.map(([event, words]: [string, string[]]) => [
    event,
    words.map((word) => (word === ':id' ? 'id' : word)),
  ]);
  return { ...settings, customizations: lines };
}

function withoutRandomId(kind: string, options: Data): Data {
  return kind === 'forwarded_port' ? options : without(options, new Set(['id']));
}

function without(data: Data, names: ReadonlySet<string>): Data {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !names.has(name)));
}

/** The real Vagrant works sizes out when it checks a disk. */
function bytes(size: unknown): unknown {
  const found = typeof size === 'string' ? /^(\d+)\s?(KB|MB|GB|TB)$/.exec(size) : null;
  if (found === null) return size;
  return Number(found[1]) * 1024 ** (['KB', 'MB', 'GB', 'TB'].indexOf(found[2]!) + 1);
}
