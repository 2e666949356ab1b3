import { provisionAfterUp } from '../../../../machines/provision/provision-after-up.ts';
import type { ProvisionMode } from '../../../../machines/provision/provision-mode.ts';
import { restoreMachineSnapshot } from '../../../../machines/snapshots/restore-snapshot.ts';
import { upMachine } from '../../../../machines/up-machine.ts';
import { onTargets, withMachineLock } from '../../machine-work.ts';
import type { Session } from '../../session.ts';
import type { Target } from '../../targets.ts';

export interface RestoreOptions {
  readonly start: boolean;
  readonly mode: ProvisionMode;
}

/** Takes machines back, each to its snapshot, and brings them up as they were then. */
export async function restoreTargets(
  session: Session,
  snapshots: readonly { readonly target: Target; readonly name: string }[],
  { start, mode }: RestoreOptions,
): Promise<void> {
  const targets = snapshots.map(({ target }) => target);
  const nameOf = (target: Target) => snapshots.find((one) => one.target === target)!.name;
  await onTargets(
    session,
    targets,
    { action: 'snapshot_restore', parallel: false, locks: false },
    async (services, target) => {
      const restored = await withMachineLock(services, target, () =>
        restoreMachineSnapshot(services, target.record!, nameOf(target), { start }),
      );
      if (!start || target.spec === undefined) return;
      const { folder, sensitive: secrets } = target.project.config;
      const { spec } = target;
      const record = restored.runs
        ? restored.record
        : (await upMachine(services, { project: folder, spec })).record;
      await provisionAfterUp(services, record, spec, { mode, folder, secrets });
    },
  );
}
