import { KilnError, messageOf } from '../../base/errors.ts';
import { withLock } from '../../base/locks.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import { findOwn, machineLock } from '../find-machine.ts';
import type { MachineRecord } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { type UpOutcome, type UpRequest, upMachine } from '../up-machine.ts';
import { keepMachine } from '../warm/keep-machine.ts';
import { type NamingOptions, nameProvisioned } from './name-provisioned.ts';
import type { ProvisionedKey } from './provisioned-key.ts';
import { writeProvisionedMark } from './provisioned-mark.ts';

export interface ProvisionedOutcome extends UpOutcome {
  /** What a new machine is when its provisioners have run; undefined for one that is not new. */
  readonly named?: ProvisionedKey;
}

/**
 * Brings a machine up. A new one begins as a copy of one in which the same provisioners have run, where one is kept: it
 * counts as provisioned then.
 * @throws KilnError as `upMachine`
 */
export async function upProvisioned(
  services: MachineServices,
  request: UpRequest,
  naming: NamingOptions,
): Promise<ProvisionedOutcome> {
  const { home } = services;
  const { project, spec } = request;
  if (await findOwn(home, project, spec.name)) return upMachine(services, request);
  const named = await nameProvisioned(services, spec, naming);
  const key = named.kind === 'key' ? { provisionedKey: named.key } : {};
  const outcome = await upMachine(services, { ...request, ...key });
  if (named.kind === 'key' && isCopy(outcome)) {
    tell(
      services,
      spec.name,
      'begins as it was when its provisioners had run; `kiln provision` runs them anew',
    );
    await writeProvisionedMark(home, outcome.record.id, named.key);
  }
  return { ...outcome, named };
}

/**
 * Keeps a new machine in which provisioners have just run, for the next one like it. That it cannot be kept is no failure.
 * @throws KilnError `cancelled`
 */
export async function keepProvisioned(
  services: MachineServices,
  { record, what, named, ...outcome }: ProvisionedOutcome,
  spec: MachineSpec,
): Promise<void> {
  if (what !== 'created' || named?.kind !== 'key' || isCopy(outcome)) return;
  try {
    const kept = await underLock(services, record, () => keepMachine(services, record, spec, named.key));
    if (kept.kind === 'not-kept') tell(services, record.name, `the next \`up\` provisions anew: ${kept.why}`);
  } catch (error) {
    if (!(error instanceof KilnError) || error.code === 'cancelled') throw error;
    const text = `the machine is not kept for the next \`up\`: ${messageOf(error)}`;
    services.emit({ kind: 'message', build: record.name, level: 'warning', text });
  }
}

function isCopy({ start }: Pick<UpOutcome, 'start'>): boolean {
  return start?.kind === 'warm' && start.isProvisioned;
}

/** Another command may work with the machine for so long, in milliseconds. */
const patience = 60_000;

function underLock<T>(services: MachineServices, record: MachineRecord, work: () => Promise<T>): Promise<T> {
  const lock = machineLock(services.home, record.project, record.name);
  return withLock(
    lock,
    { what: `the machine ${record.name}`, wait: patience, signal: services.signal },
    work,
  );
}
