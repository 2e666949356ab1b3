import { throwIfCancelled } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { attemptStep } from '../../engine/attempt-step.ts';
import { BuildReporter } from '../../engine/build-reporter.ts';
import { asKilnError } from '../../engine/failure.ts';
import { Secrets } from '../../engine/secrets.ts';
import type { Guest } from '../../guests/guest.ts';
import { noGuest } from '../../guests/no-guest.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { Provisioner } from '../../plan/provisioner.ts';
import { runStep } from '../../steps/run-step.ts';
import type { StepContext } from '../../steps/step-context.ts';
import { Run } from '../../store/run.ts';
import type { MachineRecord } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { machineStepContext } from './machine-step-context.ts';
import { orderProvisioners } from './order-provisioners.ts';
import { isChosen, type ProvisionMode, provisionerLabel } from './provision-mode.ts';
import { readProvisionedMark, writeProvisionedMark } from './provisioned-mark.ts';
import { type OpenGuest, ReopeningGuest } from './reopening-guest.ts';

export interface ProvisionRequest {
  readonly record: MachineRecord;
  readonly spec: Pick<MachineSpec, 'provisioners'>;
  readonly mode: ProvisionMode;
  /** A connection that is open already; it is closed at the end. Undefined: one is opened when it is needed. */
  readonly guest?: Guest;
  readonly openGuest: OpenGuest;
  /** Folder that relative paths refer to; undefined: the machine's project, or the working folder. */
  readonly folder?: string;
  /** Texts that nobody may see. */
  readonly secrets?: readonly string[];
  /** What the provisioners do, as `provisionedKey` tells; kept with the note that they are done. */
  readonly key?: string;
  /** Called when a step has restarted the machine: folders are to be mounted again. */
  readonly onRestarted?: (guest: Guest) => Promise<void>;
  /** Asks the person at the terminal. */
  readonly ask?: StepContext['ask'];
}

export interface ProvisionOutcome {
  /** Labels of those that ran, in order; one for `each` other may be there several times. */
  readonly ran: readonly string[];
  /** All that run once have succeeded in this machine, now or before. */
  readonly isProvisioned: boolean;
  /** They would have run in a new machine, and this one has them already. */
  readonly wasProvisioned: boolean;
}

/**
 * Runs a machine's provisioners in their order. The first that fails ends it: the machine stays up, and counts as not
 * provisioned, so that the next `up` begins anew.
 * @throws KilnError what the steps throw, with the name of the provisioner in front; `cancelled`
 */
export async function provisionMachine(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  request: ProvisionRequest,
): Promise<ProvisionOutcome> {
  const { record, spec, mode } = request;
  const wasProvisioned = (await readProvisionedMark(services.home, record.id)) !== undefined;
  const isNew = !wasProvisioned;
  const chosen = orderProvisioners(spec.provisioners).filter((one) => isChosen(one, mode, isNew));
  // Those that were named are not all of them.
  const doesAll = mode.kind === 'automatic' || mode.kind === 'all';
  try {
    if (chosen.length > 0) await runAll(services, request, chosen);
  } finally {
    // One that `runAll` has closed already does not mind.
    await request.guest?.close();
  }
  if (isNew && doesAll) await writeProvisionedMark(services.home, record.id, request.key);
  if (wasProvisioned && mode.kind === 'automatic' && spec.provisioners.some(({ run }) => run === 'once'))
    tell(services, record.name, 'is provisioned already; `kiln provision` does it again');
  return {
    ran: chosen.map(provisionerLabel),
    isProvisioned: wasProvisioned || doesAll,
    wasProvisioned,
  };
}

/** How long a step may take to stop once it was told to, in milliseconds. */
const grace = 10_000;

async function runAll(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  request: ProvisionRequest,
  chosen: readonly Provisioner[],
): Promise<void> {
  const { record, openGuest, onRestarted, ask } = request;
  const reporter = new BuildReporter(
    record.name,
    services.emit,
    new Secrets(request.secrets ?? []),
    undefined,
  );
  const run = await Run.open(services.home);
  let guest: ReopeningGuest | undefined;
  const connected = async () => {
    guest ??= new ReopeningGuest(request.guest ?? (await openGuest(services.signal)), openGuest);
    return guest;
  };
  try {
    for (const provisioner of chosen) {
      throwIfCancelled(services.signal);
      const context = machineStepContext({
        home: services.home,
        record,
        guest: provisioner.needsGuest ? await connected() : noGuest('the provisioner does without a machine'),
        reporter,
        run,
        signal: services.signal,
        folder: request.folder ?? record.project ?? process.cwd(),
        ...(ask && { ask }),
        restarted: async () => onRestarted?.(await connected()),
      });
      await runOne(provisioner, context, reporter);
      if (provisioner.reconnect) await guest?.reopen();
    }
  } finally {
    await guest?.close();
    await run.close();
  }
}

async function runOne(
  provisioner: Provisioner,
  context: StepContext,
  reporter: BuildReporter,
): Promise<void> {
  const label = provisionerLabel(provisioner);
  try {
    await reporter.stage(`provisioner ${label}`, async () => {
      for (const step of provisioner.steps) await attemptStep(step, context, { runStep, grace });
    });
  } catch (error) {
    const failure = asKilnError(error, 'step-failed');
    if (failure.code === 'cancelled') throw failure;
    const at = failure.at ?? provisioner.at;
    throw new KilnError(
      failure.code,
      `${context.build.name}: the provisioner ${label} failed: ${failure.message}`,
      {
        hint: failure.hint ?? `the machine is still up; \`kiln provision ${context.build.name}\` tries again`,
        ...(at && { at }),
        cause: failure,
      },
    );
  }
}
