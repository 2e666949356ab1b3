import type { MachineServices } from '../../../machines/machine-services.ts';
import { provisionAfterUp } from '../../../machines/provision/provision-after-up.ts';
import type { ProvisionMode } from '../../../machines/provision/provision-mode.ts';
import { destroyMachine } from '../../../machines/stop-machine.ts';
import { upMachine } from '../../../machines/up-machine.ts';
import { onTargets } from '../machine-work.ts';
import type { Session } from '../session.ts';
import { noteProvisioned } from '../state/sync-state.ts';
import { checkConfiguration, selectTargets, type Target } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
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
    await startTargets(session, targets, {
      action: 'up',
      mode,
      parallel: flags.parallel !== false && !session.context.env['VAGRANT_NO_PARALLEL'],
      destroyOnError: flags['destroy-on-error'] !== false,
    });
    for (const { ui, spec } of targets) {
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

/** Brings machines up and provisions them. */
export async function startTargets(
  session: Session,
  targets: readonly Target[],
  { action, mode, parallel, destroyOnError, before }: StartOptions,
): Promise<void> {
  for (const target of targets) {
    checkConfiguration(target);
    for (const { at, message } of target.warnings) target.ui.warn(`${at.file}:${at.line}: ${message}`);
  }
  await onTargets(session, targets, { action, parallel, locks: false }, async (services, target) => {
    const { config } = target.project;
    const spec = target.spec!;
    await before?.(services, target);
    const { record, what } = await upMachine(services, { project: config.folder, spec });
    if (what === 'was-running') target.ui.output('runs already');
    try {
      const outcome = await provisionAfterUp(services, record, spec, {
        mode,
        folder: config.folder,
        secrets: config.sensitive,
      });
      if (outcome.isProvisioned) await noteProvisioned(config.dotfiles, record);
      if (outcome.wasProvisioned && mode.kind === 'automatic') {
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
}

/** What a provisioner did not manage is the machine's owner's to mend; a machine that cannot be talked to is worth nothing. */
function isFatal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'guest-unreachable';
}
