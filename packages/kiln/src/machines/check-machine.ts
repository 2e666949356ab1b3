import { KilnError } from '../base/errors.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';

/** @throws KilnError `unsupported` for machines that Kiln cannot make */
export function checkMachine({ refusal, name }: MachineSpec): void {
  if (refusal !== undefined) {
    const { message, hint, at } = refusal;
    throw new KilnError('unsupported', `${name}: ${message}`, {
      ...(hint !== undefined && { hint }),
      ...(at !== undefined && { at }),
    });
  }
}
