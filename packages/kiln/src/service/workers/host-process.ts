import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { identifyProcess, isAlive, type ProcessIdentity, signalQuietly } from '../../base/processes.ts';

/** What hosts of workers are called. */
export function hostName(): string {
  return hostname();
}

/**
 * A process of this host for good, as `pid:start:boot`: numbers of processes are used again, after a restart of the
 * host and in other containers too. Undefined when there is none.
 */
export function hostProcess(pid: number): string | undefined {
  const identity = identifyProcess(pid);
  return identity && `${identity.pid}:${identity.started}:${bootOf()}`;
}

/** Whether a process is there, seen from this host: one of another boot or container is not. */
export function isHostProcessAlive(text: string): boolean {
  const identity = parse(text);
  return identity !== undefined && isAlive(identity);
}

/** Ends the group of a process at once; one that is gone, or that only has the same number, is left alone. */
export function killHostGroup(text: string): void {
  const identity = parse(text);
  if (identity && isAlive(identity)) signalQuietly(-identity.pid, 'SIGKILL');
}

function parse(text: string): ProcessIdentity | undefined {
  const [, pid, started, boot] = /^(\d+):(\d+):(.+)$/.exec(text) ?? [];
  return boot === bootOf() ? { pid: Number(pid), started: started! } : undefined;
}

let boot: string | undefined;

function bootOf(): string {
  boot ??= `${readQuietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')).slice(0, 8)}-${readQuietly(() => readlinkSync('/proc/self/ns/pid')).replace(/\D/g, '')}`;
  return boot;
}

function readQuietly(read: () => string): string {
  try {
    return read();
  } catch {
    return 'none';
  }
}
