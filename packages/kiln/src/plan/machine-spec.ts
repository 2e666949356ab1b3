import type { SourceLocation } from '../base/errors.ts';
import type { ContainerSpec } from './container-spec.ts';
import type { ImageRef } from './image-ref.ts';
import type { MachineHardware } from './machine-hardware.ts';
import type { MachineNames } from './machine-names.ts';
import type { MachineNetwork } from './machine-network.ts';
import type { Provisioner } from './provisioner.ts';
import type { SshClient } from './ssh-client.ts';
import type { SyncedFolder } from './synced-folder.ts';
import type { Trigger } from './trigger.ts';

/** An environment to bring up. Sizes in bytes. */
export interface MachineSpec {
  readonly name: string;
  readonly image: ImageRef;
  readonly cpus: number;
  readonly memory: number;
  readonly diskSize?: number;
  readonly hostname?: string;
  readonly ports: readonly PortForward[];
  readonly firmware: 'bios' | 'efi';
  /** How to log in first. A machine of an image that takes Kiln's seed needs neither password nor key. */
  readonly login: MachineLogin;
  /** False: it is only brought up when it is named. */
  readonly autostart: boolean;
  /** The one that is meant where a command takes one machine and is given none. */
  readonly primary: boolean;
  readonly networks: readonly MachineNetwork[];
  readonly folders: readonly SyncedFolder[];
  readonly provisioners: readonly Provisioner[];
  readonly triggers: readonly Trigger[];
  readonly disks: readonly MachineDisk[];
  readonly cloudInit: readonly CloudInitPart[];
  /** Shown when the machine is up. */
  readonly message?: string;
  /** How long the machine may take to shut down by itself, in milliseconds; a minute when not given. */
  readonly haltTimeout?: number;
  readonly hardware?: MachineHardware;
  /** Instead of a virtual machine; `image` is `empty` then. */
  readonly container?: ContainerSpec;
  readonly names?: MachineNames;
  readonly sshClient?: SshClient;
  /** The host's side of the port that leads to the machine's SSH server; undefined: the first free one from 2222 on. */
  readonly sshForward?: Pick<PortForward, 'host' | 'hostAddress' | 'autoCorrect'>;
  /** Why Kiln cannot make such a machine, which is told when it is to come up. */
  readonly refusal?: MachineRefusal;
  /** Where ports go that had to move. */
  readonly portRange?: { readonly first: number; readonly last: number };
}

export interface MachineRefusal {
  readonly message: string;
  readonly hint?: string;
  readonly at?: SourceLocation;
}

export interface MachineLogin {
  readonly user: string;
  readonly password?: string;
  readonly privateKeyFile?: string;
  /** Tried after the first. */
  readonly moreKeyFiles?: readonly string[];
  /** Try the key pairs that Vagrant publishes, which boxes let in until they get one of their own. */
  readonly publishedKeys?: boolean;
  /** Port of the SSH server in the machine; 22 when not given. */
  readonly port?: number;
  /** How long the machine may take until it lets anybody in, in milliseconds. */
  readonly timeout?: number;
  /** False: the machine keeps the key or password that it was made with. */
  readonly adoptKey?: boolean;
}

export interface PortForward {
  readonly guest: number;
  readonly host: number;
  readonly hostAddress: string;
  readonly protocol: 'tcp' | 'udp';
  /** Take another port when the wanted one is in use. */
  readonly autoCorrect: boolean;
}

/** A disk beside the first one. */
export type MachineDisk =
  | {
      readonly kind: 'disk';
      readonly name: string;
      readonly size: number;
      /** Id of the image of the store that it begins as; undefined: it is empty. */
      readonly image?: string;
    }
  | { readonly kind: 'file'; readonly name: string; readonly path: string; readonly readOnly: boolean }
  | { readonly kind: 'cdrom'; readonly name: string; readonly path: string }
  | { readonly kind: 'floppy'; readonly name: string; readonly path: string };

/** A part of the user data that cloud-init in the machine reads (NoCloud; docs: cloud-init's "User data formats"). */
export interface CloudInitPart {
  /** MIME type, such as `text/cloud-config`. */
  readonly contentType: string;
  readonly content:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'text'; readonly text: string };
  readonly fileName?: string;
}

/** What a machine has when nobody says anything about it. */
export const plainMachine = {
  autostart: true,
  primary: false,
  networks: [],
  folders: [],
  provisioners: [],
  triggers: [],
  disks: [],
  cloudInit: [],
} as const satisfies Partial<MachineSpec>;
