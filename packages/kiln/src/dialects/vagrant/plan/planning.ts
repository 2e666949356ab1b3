import { join, resolve } from 'node:path';
import type { SourceLocation } from '../../../base/errors.ts';
import { shortened } from '../../../base/shorten.ts';
import type { VagrantDiagnostic } from '../finish/machine-problems.ts';
import type { VagrantConfig, VagrantMachine } from '../vagrant-config.ts';

/** What is known of the host when machines are planned. */
export interface PlanningHost {
  readonly cpus: number;
  /** `HOME`: what `~` in a path stands for. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Everything that the plan of one machine is made from, and where to say what is different or cannot be. */
export interface Planning {
  readonly machine: VagrantMachine;
  readonly config: VagrantConfig;
  readonly host: PlanningHost;
  /** The machine is made, and something is not as the file says. */
  warn(message: string, at?: SourceLocation, hint?: string): void;
  /** The machine is not made. */
  refuse(message: string, at?: SourceLocation, hint?: string): void;
}

/** The planning of one machine; what it has to say is added to `found`. */
export function planningOf(
  machine: VagrantMachine,
  config: VagrantConfig,
  host: PlanningHost,
  found: VagrantDiagnostic[],
): Planning {
  const say =
    (severity: VagrantDiagnostic['severity']) => (long: string, place?: SourceLocation, hint?: string) => {
      const message = shortened(long);
      const at = place ?? machine.at;
      const isKnown = found.some(
        (one) =>
          one.message === message &&
          (place === undefined || (one.at.file === place.file && one.at.line === place.line)),
      );
      // Several machines say the same: warnings once are enough, but each refused machine has to know.
      if (isKnown && severity === 'warning') return;
      found.push({ severity, message, at, machine: machine.name, ...(hint !== undefined && { hint }) });
    };
  return { machine, config, host, warn: say('warning'), refuse: say('error') };
}

/** A path of the host as a Vagrantfile writes it. */
export function onHost({ config, host }: Planning, path: string): string {
  return resolve(
    config.folder,
    path === '~' || path.startsWith('~/') ? join(host.home, path.slice(1)) : path,
  );
}
