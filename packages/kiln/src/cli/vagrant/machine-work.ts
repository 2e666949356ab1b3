import { withLock } from '../../base/locks.ts';
import { machineLock } from '../../machines/find-machine.ts';
import type { MachineRecord } from '../../machines/machine-record.ts';
import type { MachineServices } from '../../machines/machine-services.ts';
import { openGuestOf } from '../../machines/provision/open-guest.ts';
import { withTriggers } from '../../machines/triggers/with-triggers.ts';
import { withMachineServices } from '../actions/with-machines.ts';
import { triggerCodeRunner } from '../run-trigger-code.ts';
import type { Session } from './session.ts';
import { syncTargets } from './sync-targets.ts';
import type { Target } from './targets.ts';
import { vagrantRenderer } from './vagrant-renderer.ts';

/** Another command that has the machine may take this long, in milliseconds. */
const patience = 120_000;

export interface WorkOptions {
  /** The word that triggers know the work by, such as `up`. */
  readonly action: string;
  /** One after another otherwise. */
  readonly parallel: boolean;
  /** False: the work takes the machine's lock itself. */
  readonly locks?: boolean;
  /** Done once when all of it has succeeded. */
  readonly afterAll?: (services: MachineServices) => Promise<void>;
}

/**
 * Does something to machines, with the triggers of its name around it, and writes down afterwards what came of it where
 * Vagrant does. With several at once all are brought to their end before the first failure is told.
 */
export async function onTargets(
  session: Session,
  targets: readonly Target[],
  options: WorkOptions,
  work: (services: MachineServices, target: Target) => Promise<void>,
): Promise<void> {
  if (targets.length === 0) return;
  const run = async (services: MachineServices, target: Target) => {
    target.ui.machine('action', options.action, 'start');
    await triggered(services, target, options, () => work(services, target));
    target.ui.machine('action', options.action, 'end');
  };
  try {
    await withMachineServices(
      session.context,
      async (services) => {
        if (!options.parallel) {
          for (const target of targets) await run(services, target);
          await options.afterAll?.(services);
          return;
        }
        const settled = await Promise.allSettled(targets.map((target) => run(services, target)));
        const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
        if (reasons.length === 1) throw reasons[0];
        if (reasons.length > 1) throw new AggregateError(reasons);
        await options.afterAll?.(services);
      },
      vagrantRenderer(session.ui),
    );
  } finally {
    await syncTargets(targets);
  }
}

/** @throws KilnError `locked` when another command has the machine for too long */
export function withMachineLock<T>(
  services: MachineServices,
  { name, project }: Target,
  work: () => Promise<T>,
): Promise<T> {
  const lock = { what: `the machine ${name}`, wait: patience, signal: services.signal };
  return withLock(machineLock(services.home, project.config.folder, name), lock, work);
}

async function triggered(
  services: MachineServices,
  target: Target,
  { action, locks = true }: WorkOptions,
  work: () => Promise<void>,
): Promise<void> {
  const { session, project, name, spec } = target;
  const folder = project.config.folder;
  const locked = () => (locks ? withMachineLock(services, target, work) : work());
  if (spec === undefined || spec.triggers.length === 0) return locked();
  const print = (text: string) => target.ui.detail(text);
  const scene = {
    command: action,
    triggers: spec.triggers,
    folder,
    secrets: project.config.sensitive,
    machine: {
      name,
      record: () => recordOf(target),
      openGuest: (record: MachineRecord) => openGuestOf(services, record),
    },
  };
  const runCode = triggerCodeRunner(project.config, services.home, session.context, print);
  return withTriggers({ ...services, runCode }, scene, locked);
}

async function recordOf({ session, name }: Target): Promise<MachineRecord | undefined> {
  return (await session.records()).find((one) => one.name === name);
}
