import type { SourceLocation } from '../../base/errors.ts';
import type { Hardware } from './hardware/hardware.ts';
import type { NfsSettings, PackageSettings, SmbSettings } from './settings/core-settings.ts';
import type {
  SshConnectSettings,
  SshSettings,
  WinrmSettings,
  WinsshSettings,
} from './settings/login-settings.ts';
import type { VmSettings } from './settings/vm-settings.ts';

/**
 * What a Vagrantfile says, merged and finished as Vagrant does it: plain data, frozen. Settings keep Vagrant's own names;
 * symbols have become strings.
 */
export interface VagrantConfig {
  /** Absolute path of the project's Vagrantfile, and its folder: relative paths in the file start there. */
  readonly file: string;
  readonly folder: string;
  /** `VAGRANT_DOTFILE_PATH`, `.vagrant` in the project otherwise. */
  readonly dotfiles: string;
  /** In the order of their definition. */
  readonly machines: readonly VagrantMachine[];
  /** The machine that is meant when a command that takes one is given none. */
  readonly primary: string | undefined;
  /** `config.vagrant.host`. */
  readonly host: string;
  /** Texts that must never be shown. */
  readonly sensitive: readonly string[];
  /** `config.vagrant.plugins`, by name. */
  readonly plugins: Readonly<Record<string, Options>>;
  /** `config.push.define`, by name. */
  readonly pushes: Readonly<Record<string, VagrantPush>>;
}

export type Options = Readonly<Record<string, unknown>>;

export interface VagrantPush {
  readonly strategy: string;
  readonly settings: Options;
}

export interface VagrantMachine {
  readonly name: string;
  readonly at: SourceLocation;
  /** `primary: true` was given. */
  readonly primary: boolean;
  /** False: only started when it is named. */
  readonly autostart: boolean;
  /** What the machine is configured for; its `override` blocks are applied. */
  readonly provider: string;
  /** All providers that the file mentions, in that order. */
  readonly mentionedProviders: readonly string[];
  readonly vm: VmSettings;
  readonly networks: readonly VagrantNetwork[];
  readonly syncedFolders: readonly VagrantFolder[];
  readonly provisioners: readonly VagrantProvisioner[];
  readonly disks: readonly VagrantDisk[];
  readonly cloudInit: readonly VagrantCloudInit[];
  /** Settings of every provider that the file has blocks for. */
  readonly providers: Readonly<Record<string, Options>>;
  /** What the blocks of the provider, or of those it stands for, mean for the machine itself. */
  readonly hardware: Hardware;
  readonly ssh: SshSettings & { readonly default: SshConnectSettings };
  readonly winrm: WinrmSettings;
  readonly winssh: WinsshSettings;
  readonly nfs: NfsSettings;
  readonly smb: SmbSettings;
  readonly package: PackageSettings;
  readonly triggers: {
    readonly before: readonly VagrantTrigger[];
    readonly after: readonly VagrantTrigger[];
  };
  /** Settings of plugins, by the name after `config.`. */
  readonly plugins: Readonly<Record<string, VagrantPluginConfig>>;
}

export interface VagrantPluginConfig {
  readonly settings: Options;
  /** Methods that were called, such as `config.cache.enable :apt`. */
  readonly calls: readonly {
    readonly name: string;
    readonly arguments: readonly unknown[];
    readonly options: Options;
  }[];
}

export type VagrantNetwork = ForwardedPort | MachineNetwork;

export interface ForwardedPort {
  readonly kind: 'forwarded_port';
  readonly id: string;
  readonly at: SourceLocation;
  readonly guest: number;
  readonly host: number;
  readonly guestIp: string | undefined;
  readonly hostIp: string | undefined;
  readonly protocol: string;
  /** Take another port of the host when this one is in use. */
  readonly autoCorrect: boolean;
  /** Everything that was given, with what only some providers know (`libvirt__…`). */
  readonly options: Options;
}

export interface MachineNetwork {
  readonly kind: 'private_network' | 'public_network';
  readonly id: string;
  readonly at: SourceLocation;
  /** Undefined: the machine asks for one by DHCP. */
  readonly ip: string | undefined;
  readonly netmask: string | undefined;
  readonly mac: string | undefined;
  /** False: the guest's card is left as it is. */
  readonly autoConfig: boolean;
  /** The machine's name belongs to this address. */
  readonly hostname: boolean;
  /** Devices of the host to bridge to, in order of preference. */
  readonly bridge: readonly string[];
  readonly options: Options;
}

export interface VagrantFolder {
  readonly id: string;
  readonly at: SourceLocation;
  readonly hostPath: string;
  readonly guestPath: string | undefined;
  readonly type: string | undefined;
  readonly disabled: boolean;
  /** Make the host's folder when it is not there. */
  readonly create: boolean;
  readonly owner: string | undefined;
  readonly group: string | undefined;
  readonly mountOptions: readonly string[];
  readonly options: Options;
}

export interface VagrantProvisioner {
  readonly name: string | undefined;
  readonly type: string;
  readonly at: SourceLocation;
  readonly run: 'once' | 'always' | 'never';
  /** A name, `each` or `all`. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly communicatorRequired: boolean;
  /** False: Kiln has no such provisioner, and the file only warns of it. */
  readonly supported: boolean;
  readonly settings: Options;
  readonly calls: VagrantPluginConfig['calls'];
}

export interface VagrantDisk {
  readonly kind: 'disk' | 'dvd' | 'floppy';
  readonly at: SourceLocation;
  readonly name: string | undefined;
  /** Bytes. */
  readonly size: number | undefined;
  readonly file: string | undefined;
  readonly primary: boolean;
  readonly extension: string | undefined;
  /** By provider. */
  readonly providerConfig: Options;
}

export interface VagrantCloudInit {
  readonly at: SourceLocation;
  readonly contentType: string;
  readonly path: string | undefined;
  readonly inline: string | undefined;
  readonly fileName: string | undefined;
}

export interface VagrantTrigger {
  /** A command, an action or a hook, by `type`. */
  readonly command: string;
  readonly at: SourceLocation;
  readonly type: 'action' | 'command' | 'hook';
  readonly name: string | undefined;
  readonly info: string | undefined;
  readonly warn: string | undefined;
  readonly onError: 'halt' | 'continue';
  readonly ignore: readonly string[];
  /** Machines; undefined: all. */
  readonly onlyOn: readonly (string | { readonly regexp: string; readonly options: number })[] | undefined;
  /** Run on the host, with the settings of the shell provisioner. */
  readonly run: Options | undefined;
  /** Run in the machine. */
  readonly runRemote: Options | undefined;
  readonly exitCodes: readonly number[];
  /** Ends everything with this exit code. */
  readonly abort: number | undefined;
  /** Ruby that runs then: file and line of its block. */
  readonly ruby: readonly [string, number] | undefined;
}
