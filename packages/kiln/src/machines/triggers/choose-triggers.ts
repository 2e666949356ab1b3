import type { Trigger } from '../../plan/trigger.ts';

/** What is about to be done, or was done. */
export interface TriggerMoment {
  readonly when: Trigger['when'];
  /** `command`: a command of the command line, once; `action`: its work on one machine. */
  readonly type: Trigger['type'];
  readonly command: string;
  /** The machine that an action is about. */
  readonly machine?: string;
}

/** The triggers that belong to a moment, in the order of the file. */
export function triggersFor(triggers: readonly Trigger[], moment: TriggerMoment): readonly Trigger[] {
  return triggers.filter(
    (trigger) =>
      trigger.when === moment.when &&
      trigger.type === moment.type &&
      isMeant(trigger, moment) &&
      isOn(trigger, moment.machine),
  );
}

function isMeant({ command, ignore }: Trigger, moment: TriggerMoment): boolean {
  if (command === moment.command) return true;
  return command === 'all' && !ignore.includes(moment.command);
}

function isOn({ onlyOn }: Trigger, machine: string | undefined): boolean {
  if (onlyOn === undefined) return true;
  if (machine === undefined) return false;
  return onlyOn.some((one) =>
    typeof one === 'string' ? one === machine : new RegExp(one.pattern, one.flags).test(machine),
  );
}
