import { escapeComma } from '../hosts/qemu/launch.ts';
import { type Seed, seedArguments } from '../hosts/qemu/seed.ts';
import { type DevicesInput, deviceArguments } from './devices.ts';

export interface QemuArgumentsInput extends DevicesInput {
  /** `-accel` value and CPU model that work here. */
  readonly accelerator: string;
  readonly cpuModel: string;
  readonly seed: Seed;
  /** A state is loaded before anything runs. */
  readonly incoming: boolean;
  /** It does not run before it is told to. */
  readonly paused?: boolean;
  /** Boots this, and ends instead of booting again: QEMU would boot the same at every restart. */
  readonly kernel?: KernelFiles;
}

/** What a boot loader would have read from the disk. */
export interface KernelFiles {
  readonly kernel: string;
  readonly initrd: string;
  readonly arguments: string;
}

/** The command line of an environment. */
export function qemuArguments(input: QemuArgumentsInput): string[] {
  return [
    ...['-name', escapeComma(input.record.name)],
    ...['-accel', input.accelerator, '-cpu', input.cpuModel],
    ...deviceArguments(input),
    ...seedArguments(input.seed),
    ...['-chardev', `socket,id=ask,path=${escapeComma(input.files.ask)},server=on,wait=off`],
    ...['-mon', 'chardev=ask,mode=control'],
    ...['-pidfile', input.files.pid],
    ...(input.incoming ? ['-incoming', 'defer'] : []),
    ...(input.paused ? ['-S'] : []),
    ...(input.kernel ? kernelWords(input.kernel) : []),
  ];
}

function kernelWords({ kernel, initrd, arguments: words }: KernelFiles): string[] {
  return ['-kernel', kernel, '-initrd', initrd, '-append', words, '-no-reboot'];
}
