import { basename } from 'node:path';
import { readTextIfExists, writeFileAtomically } from '../../base/files.ts';
import {
  type ContainerHandle,
  type ContainerState,
  containerState,
} from '../../hosts/docker/container-state.ts';
import type { MachineFiles, MachineState } from '../machine-record.ts';

/** The container that stands for a machine; undefined for a virtual machine. */
export async function containerOf(files: MachineFiles): Promise<ContainerHandle | undefined> {
  const name = (await readTextIfExists(files.container))?.trim();
  return name ? { name, machine: basename(files.folder) } : undefined;
}

/** Writes the container's name down, before there is one: whoever cleans up later knows what to look for. */
export async function noteContainer(files: MachineFiles, name: string): Promise<void> {
  await writeFileAtomically(files.container, `${name}\n`, 0o600);
}

const states: Readonly<Record<ContainerState, MachineState>> = {
  running: 'running',
  paused: 'suspended',
  stopped: 'halted',
  gone: 'halted',
};

/** What the engine says of it. @throws KilnError `tool-missing` without an engine */
export async function containerMachineState(container: ContainerHandle): Promise<MachineState> {
  return states[await containerState(container)];
}
