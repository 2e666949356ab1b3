import { kilnHome } from '../base/home.ts';
import type { Build, Plan } from '../plan/plan.ts';
import type { RootfsLock } from '../plan/rootfs-source.ts';
import type { CliContext } from './context.ts';
import { withProgress } from './with-progress.ts';

/**
 * The plan with exact packages for every image that is built without a machine.
 * @throws DiagnosticsError, KilnError for packages that cannot be had
 */
export async function lockPlan(plan: Plan, context: CliContext): Promise<Plan> {
  const unlocked = plan.builds.filter(({ source }) => source.kind === 'rootfs' && !source.lock);
  if (unlocked.length === 0) return plan;
  return withProgress(context, async ({ signal, emit }) => {
    const locks = new Map<string, RootfsLock>();
    for (const build of unlocked) {
      emit({ kind: 'message', build: build.name, level: 'info', text: 'resolving packages' });
      locks.set(build.name, await lockOf(build, context, signal));
    }
    const locked = (build: Build): Build => {
      const lock = locks.get(build.name);
      return lock && build.source.kind === 'rootfs' ? { ...build, source: { ...build.source, lock } } : build;
    };
    return { ...plan, builds: plan.builds.map(locked) };
  });
}

async function lockOf(build: Build, context: CliContext, signal: AbortSignal): Promise<RootfsLock> {
  const { resolvePackages } = await import('../sources/packages/resolve-packages.ts');
  const { keepStanzas } = await import('../sources/packages/package-cache.ts');
  const { findRelease } = await import('../sources/bootstrap/release.ts');
  const { systemPackages } = await import('../sources/bootstrap/install-system.ts');
  const { toRootfsLock } = await import('../sources/packages/rootfs-lock.ts');
  const { storeLayout } = await import('../store/home.ts');
  const { source, steps } = build;
  if (source.kind !== 'rootfs') throw new TypeError(`${build.name} has no packages to lock`);
  const layout = storeLayout(kilnHome(context.env));
  const release = findRelease(source.os.distribution, source.os.release);
  const wishes = steps.flatMap((step) =>
    step.kind === 'profile'
      ? step.profile.packages.map(({ name, state, version }) => ({
          name,
          state,
          ...(version === undefined ? {} : { version }),
        }))
      : [],
  );
  const resolution = await resolvePackages(
    {
      release,
      architecture: 'amd64',
      base: systemPackages(release),
      repositories: [],
      wishes,
      recommends: false,
    },
    { layout, signal },
  );
  await keepStanzas(layout, resolution);
  return toRootfsLock(resolution.resolved);
}
