import { join, resolve } from 'node:path';
import type { SourceLocation } from '../../../base/errors.ts';
import { shortened } from '../../../base/shorten.ts';
import type { MachineRefusal } from '../../../plan/machine-spec.ts';
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
  /** The machine cannot be made: it is told when somebody wants it, and the other machines are none the worse. */
  refuse(message: string, at?: SourceLocation, hint?: string): void;
  /** What was told first. */
  readonly refusal: MachineRefusal | undefined;
}

/** The planning of one machine; what it has to say is added to `found`. */
export function planningOf(
  machine: VagrantMachine,
  config: VagrantConfig,
  host: PlanningHost,
  found: VagrantDiagnostic[],
): Planning {
  let refusal: MachineRefusal | undefined;
  const warn = (long: string, place?: SourceLocation, hint?: string) => {
    const message = shortened(long);
    const at = place ?? machine.at;
    // Several machines say the same: once is enough.
    const isKnown = found.some(
      (one) =>
        one.message === message &&
        (place === undefined || (one.at.file === place.file && one.at.line === place.line)),
    );
    if (isKnown) return;
    found.push({
      severity: 'warning',
      message,
      at,
      machine: machine.name,
      ...(hint !== undefined && { hint }),
    });
  };
  return {
    machine,
    config,
    host,
    warn,
    refuse: (message, at = machine.at, hint = undefined) => {
      refusal ??= { message, at, ...(hint !== undefined && { hint }) };
      warn(`${machine.name} will not come up: ${message}`, at, hint);
    },
    get refusal() {
      return refusal;
    },
  };
}

/** A path of the host as a Vagrantfile writes it. */
export function onHost({ config, host }: Planning, path: string): string {
  return resolve(
    config.folder,
    path === '~' || path.startsWith('~/') ? join(host.home, path.slice(1)) : path,
  );
}
