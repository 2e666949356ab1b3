import { KilnError } from '../base/errors.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';

/** @throws KilnError `unsupported` for machines that Kiln cannot make */
export function checkMachine({ refusal, name, container }: MachineSpec): void {
  if (refusal !== undefined) {
    const { message, hint, at } = refusal;
    throw new KilnError('unsupported', `${name}: ${message}`, {
      ...(hint !== undefined && { hint }),
      ...(at !== undefined && { at }),
    });
  }
  if (container !== undefined) {
    throw new KilnError('unsupported', `${name} is a container, and Kiln makes no machines with Docker`, {
      hint: 'run it with `docker compose`, or give the machine a box',
    });
  }
}
