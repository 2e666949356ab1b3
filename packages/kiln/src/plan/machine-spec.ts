import type { ImageRef } from './image-ref.ts';

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
}

export interface MachineLogin {
  readonly user: string;
  readonly password?: string;
  readonly privateKeyFile?: string;
  /** Port of the SSH server in the machine; 22 when not given. */
  readonly port?: number;
  /** How long the machine may take until it lets anybody in, in milliseconds. */
  readonly timeout?: number;
}

export interface PortForward {
  readonly guest: number;
  readonly host: number;
  readonly hostAddress: string;
  readonly protocol: 'tcp' | 'udp';
  /** Take another port when the wanted one is in use. */
  readonly autoCorrect: boolean;
}
