import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fromFolder } from '../../base/yaml/notations.ts';
import type { MachineNetwork } from '../../plan/machine-network.ts';
import type { SyncedFolder } from '../../plan/synced-folder.ts';
import type { CompileContext } from './compile-context.ts';
import type { MachineEntry } from './kiln-file.ts';

type NetworkEntry = NonNullable<MachineEntry['networks']>[number];
type FolderEntry = NonNullable<MachineEntry['folders']>[number];

/** The entries of a machine's `networks:`. */
export function compileNetworks(entry: MachineEntry, context: CompileContext): readonly MachineNetwork[] {
  const { problems, places } = context;
  const seen = new Set<string>();
  let hasHostname = false;
  return (entry.networks ?? []).map((one, index) => {
    const network = compileNetwork(one, index);
    const at = places.of(entry.networks!, index);
    if (network.address !== undefined) {
      if (seen.has(network.address)) problems.error(at, `the address ${network.address} is given twice`);
      seen.add(network.address);
    }
    if (network.ownsHostname && hasHostname) {
      problems.error(at, 'the host name belongs to one network only', 'leave out one "hostname: true"');
    }
    hasHostname ||= network.ownsHostname;
    if (network.kind === 'public' && (network.isolated || network.network !== undefined)) {
      problems.error(at, '"bridge" is a network of the host: it is not isolated and has no name of its own');
    }
    return network;
  });
}

function compileNetwork(entry: NetworkEntry, index: number): MachineNetwork {
  const isLong = 'configure' in entry || 'name' in entry || 'bridge' in entry || !('prefix' in entry);
  const long = (isLong ? entry : {}) as Exclude<NetworkEntry, { readonly prefix?: number }>;
  const short = typeof entry.address === 'object' ? entry.address : entry;
  const { address, prefix } = short as { readonly address?: string; readonly prefix?: number };
  return {
    kind: long.bridge === undefined ? 'private' : 'public',
    id: `network-${index}`,
    ...(long.name !== undefined && { network: long.name }),
    ...(address !== undefined && { address }),
    ...(prefix !== undefined && { prefix }),
    ...(long.mac !== undefined && { mac: long.mac }),
    configure: long.configure ?? true,
    ownsHostname: long.hostname ?? false,
    bridges: long.bridge === undefined ? [] : [long.bridge],
    isolated: long.isolated ?? false,
  };
}

/** The entries of a machine's `folders:`. */
export function compileFolders(entry: MachineEntry, context: CompileContext): readonly SyncedFolder[] {
  const { problems, places } = context;
  const seen = new Set<string>();
  return (entry.folders ?? []).map((one, index) => {
    const folder = compileFolder(one, context);
    const at = places.of(entry.folders!, index);
    if (!/^(?:\/|~(?:\/|$))/.test(folder.guestPath)) {
      problems.error(at, `"${folder.guestPath}" is no absolute path`, 'write one such as /srv/app, or ~/app');
    }
    if (seen.has(folder.guestPath)) problems.error(at, `two folders are at ${folder.guestPath}`);
    seen.add(folder.guestPath);
    if (!folder.create && !existsSync(folder.hostPath)) {
      problems.error(at, `there is no folder ${folder.hostPath}`, 'make it, or say "create: true"');
    }
    return folder;
  });
}

function compileFolder(entry: FolderEntry, { folder }: CompileContext): SyncedFolder {
  const long = 'readOnly' in entry ? undefined : entry;
  const guestPath = entry.to.replace(/(?<=.)\/+$/, '');
  const { rsync } = long ?? {};
  return {
    id: guestPath,
    hostPath: entry.from.startsWith('~/')
      ? join(homedir(), entry.from.slice(2))
      : fromFolder(folder, entry.from),
    guestPath,
    type: long?.type ?? 'auto',
    create: long?.create ?? false,
    ...(long?.owner !== undefined && { owner: long.owner }),
    ...(long?.group !== undefined && { group: long.group }),
    mountOptions: long?.options ?? [],
    readOnly: 'readOnly' in entry ? entry.readOnly : (long?.read_only ?? false),
    rsync: {
      exclude: rsync?.exclude ?? [],
      ...(rsync?.arguments !== undefined && { arguments: rsync.arguments }),
      auto: rsync?.watch ?? true,
      chown: rsync?.chown ?? true,
    },
  };
}
