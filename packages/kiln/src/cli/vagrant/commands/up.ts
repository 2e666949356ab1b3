import { checkMachine } from '../../../machines/check-machine.ts';
import type { MachineServices } from '../../../machines/machine-services.ts';
import { provisionAfterUp } from '../../../machines/provision/provision-after-up.ts';
import type { ProvisionMode } from '../../../machines/provision/provision-mode.ts';
import { keepProvisioned, upProvisioned } from '../../../machines/provision/up-provisioned.ts';
import { destroyMachine } from '../../../machines/stop-machine.ts';
import { withMachineServices } from '../../actions/with-machines.ts';
import { fetchBoxes, missingBoxes } from '../../fetch-boxes.ts';
import { onTargets } from '../machine-work.ts';
import type { Session } from '../session.ts';
import { noteProvisioned } from '../state/sync-state.ts';
import { again, checkConfiguration, selectTargets, type Target } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { vagrantRenderer } from '../vagrant-renderer.ts';
import { provisionMode, startFlags } from './start-flags.ts';

export const upCommand = defineVagrantCommand({
  operands: '[options] [name|id]',
  flags: {
    ...startFlags,
    'destroy-on-error': {
      type: 'switch',
      forms: 'both',
      description: 'Remove a machine that could not be made (the default).',
    },
    parallel: { type: 'switch', forms: 'both', description: 'Several machines at once (the default).' },
    provider: { type: 'text', value: 'PROVIDER', description: 'What to make the machines with.' },
    'install-provider': {
      type: 'switch',
      forms: 'both',
      description: 'No effect: there is nothing to install.',
    },
  },
  run: async ({ flags, args }, session) => {
    const targets = await wantedTargets(args, flags.provider, session);
    const mode = provisionMode(flags, targets);
    if (targets.length === 0) {
      session.ui.info('There is no machine to bring up. Machines with `autostart: false` have to be named.');
      return 0;
    }
    for (const target of targets) {
      session.ui.info(`Bringing machine '${target.name}' up with '${target.provider}'...`);
    }
    const started = await startTargets(session, targets, {
      action: 'up',
      mode,
      parallel: flags.parallel !== false && !session.context.env['VAGRANT_NO_PARALLEL'],
      destroyOnError: flags['destroy-on-error'] !== false,
    });
    for (const { ui, spec } of started) {
      if (spec?.message === undefined) continue;
      session.ui.info('');
      ui.success(spec.message);
    }
    return 0;
  },
});

/** Without names those that are not only started when they are named. */
async function wantedTargets(
  args: readonly string[],
  provider: string | undefined,
  session: Session,
): Promise<readonly Target[]> {
  const targets = await selectTargets(session, args, { provider });
  return args.length > 0 ? targets : targets.filter(({ config }) => config.autostart);
}

export interface StartOptions {
  readonly action: string;
  readonly mode: ProvisionMode;
  readonly parallel: boolean;
  readonly destroyOnError: boolean;
  /** Done to each machine first, within the triggers of the action. */
  readonly before?: (services: MachineServices, target: Target) => Promise<void>;
}

/** Brings machines up and provisions them. Gives them as they were when they were started. */
export async function startTargets(
  session: Session,
  given: readonly Target[],
  { action, mode, parallel, destroyOnError, before }: StartOptions,
): Promise<readonly Target[]> {
  for (const target of given) {
    checkConfiguration(target);
    if (target.spec !== undefined) checkMachine(target.spec);
  }
  const targets = await withTheirBoxes(session, given);
  for (const target of targets) {
    checkConfiguration(target);
    for (const { at, message } of target.warnings) target.ui.warn(`${at.file}:${at.line}: ${message}`);
  }
  await onTargets(session, targets, { action, parallel, locks: false }, async (services, target) => {
    const { config } = target.project;
    const spec = target.spec!;
    await before?.(services, target);
    const naming = { mode, folder: config.folder, secrets: config.sensitive };
    const up = await upProvisioned(services, { project: config.folder, spec }, naming);
    const { record, what } = up;
    if (what === 'was-running') target.ui.output('runs already');
    try {
      const outcome = await provisionAfterUp(services, record, spec, naming);
      await keepProvisioned(services, up, spec);
      if (outcome.isProvisioned) await noteProvisioned(config.dotfiles, record);
      if (outcome.wasProvisioned && what !== 'created' && mode.kind === 'automatic') {
        target.ui.output('was provisioned before; `vagrant provision` or the flag --provision does it again');
      }
    } catch (error) {
      // A machine whose provisioners failed is kept, as with Vagrant: there is something to look at.
      if (destroyOnError && what === 'created' && target.record === undefined && isFatal(error)) {
        await destroyMachine(services, record);
      }
      throw error;
    }
  });
  return targets;
}

/** Machines whose boxes had to be got first are configured by the Vagrantfiles of these, too. */
async function withTheirBoxes(session: Session, targets: readonly Target[]): Promise<readonly Target[]> {
  const isNew = (target: Target) => target.record === undefined;
  const specs = targets.filter(isNew).map(({ spec }) => spec!);
  const { env } = session.context;
  if ((await missingBoxes(specs, env)).length === 0) return targets;
  await withMachineServices(
    session.context,
    (services) => fetchBoxes(services, specs, env),
    vagrantRenderer(session.ui),
  );
  for (const one of new Set(targets.map((target) => target.session))) one.forgetProject();
  return Promise.all(targets.map(again));
}

/** What a provisioner did not manage is the machine's owner's to mend; a machine that cannot be talked to is worth nothing. */
function isFatal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'guest-unreachable';
}
