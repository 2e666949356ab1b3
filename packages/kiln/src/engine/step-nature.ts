import type { Source } from '../plan/source.ts';
import type { Step } from '../plan/step.ts';

/** What running a step means for the machine and for the world outside. */
export interface StepNature {
  /** When nothing has changed, its result may be taken from a checkpoint instead of running it. */
  readonly restorable: boolean;
  /** It cannot run before there is a machine. */
  readonly needsMachine: boolean;
  /** What the machine is afterwards: another state, the same one, or nobody knows. */
  readonly machineAfter: 'changed' | 'same' | 'unknown';
  /** Why it runs every time, for people; set when it is not restorable. */
  readonly reason?: string;
}

/** Values of a running build by which something outside can find the machine and talk to it. */
const connectionValues =
  /\bbuild\b|\.(?:ID|Host|Port|User|Password|ConnType|SSH\w*|WinRM\w*|PackerHTTP\w*)\b/;

/**
 * The nature of a step. What only touches the machine may be restored. A local script runs every time: it may do
 * anything outside. As long as it cannot know where the machine is, the machine is the same afterwards.
 */
export function natureOf(step: Step, source: Source): StepNature {
  if (step.cache === false) {
    return {
      ...machineStep,
      restorable: false,
      machineAfter: 'unknown',
      reason: 'its cache is switched off',
    };
  }
  if ('download' in step && step.download?.digests.length === 0 && !step.cache) {
    return {
      ...machineStep,
      restorable: false,
      machineAfter: 'unknown',
      reason: `what ${step.download.url} has may change, and no digest tells`,
    };
  }
  switch (step.kind) {
    case 'shell-local': {
      const findsMachine = fixedPort(source) || connectionValues.test(JSON.stringify(step));
      if (step.cache) return { ...machineStep, needsMachine: findsMachine };
      const reason = 'a local script may do anything outside of the machine';
      return findsMachine
        ? { restorable: false, needsMachine: true, machineAfter: 'unknown', reason }
        : { restorable: false, needsMachine: false, machineAfter: 'same', reason };
    }
    case 'ansible':
      if (step.cache) return machineStep;
      return {
        restorable: false,
        needsMachine: true,
        machineAfter: 'unknown',
        reason: 'a playbook that runs on this host may do anything there',
      };
    case 'file':
      if (step.cache) return machineStep;
      if (step.direction === 'upload') {
        if (step.sources.every((source) => typeof source === 'string')) return machineStep;
        return {
          ...machineStep,
          restorable: false,
          machineAfter: 'unknown',
          reason: 'which files it copies is known only when it runs',
        };
      }
      return {
        restorable: false,
        needsMachine: true,
        machineAfter: 'same',
        reason: 'it brings files out of the machine',
      };
    case 'breakpoint':
      if (step.disabled) return { restorable: true, needsMachine: false, machineAfter: 'same' };
      return {
        restorable: false,
        needsMachine: true,
        machineAfter: 'unknown',
        reason: 'a person may change the machine there',
      };
    default:
      return machineStep;
  }
}

const machineStep: StepNature = { restorable: true, needsMachine: true, machineAfter: 'changed' };

/** A port that never changes can be written into a script, and not only be asked for. */
function fixedPort(source: Source): boolean {
  if (source.kind === 'rootfs') return false;
  if (source.kind !== 'qemu') return true;
  const { hostPortMin, hostPortMax, skipNatMapping } = source.boot;
  return skipNatMapping || hostPortMin === hostPortMax;
}
