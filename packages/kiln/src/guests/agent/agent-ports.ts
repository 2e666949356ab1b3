import { join } from 'node:path';
import { type AgentPort, agentPorts, agentSlots } from './agent-script.ts';

/** Where the host's end of a port is: a socket, or for the bell a FIFO, so that the guest never sees it closed. */
export function portPath(folder: string, slot: number, port: AgentPort): string {
  return join(folder, `a${slot}${port}`);
}

/** The FIFOs have to be made before QEMU starts. */
export function bellPaths(folder: string): string[] {
  return Array.from({ length: agentSlots }, (_, slot) => portPath(folder, slot, 'b'));
}

/** Every port with its slot, in the order in which they are plugged in. */
export function allPorts(): (readonly [slot: number, port: AgentPort])[] {
  return Array.from({ length: agentSlots }, (_, slot) =>
    agentPorts.map((port) => [slot, port] as const),
  ).flat();
}
