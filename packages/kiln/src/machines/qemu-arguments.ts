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
  ];
}
