import type { Build, Plan } from '../plan/plan.ts';
import type { RootfsResult } from '../plan/rootfs-source.ts';
import type { SettledLock } from '../profile/lock/settle-lock.ts';
import { openStore } from '../store/store.ts';
import { homeOf } from './actions/machine-targets.ts';
import type { CliContext } from './context.ts';
import { withProgress } from './with-progress.ts';

export interface LockPlanOptions {
  /** A lock that is not there, or does not fit, is an error. */
  readonly locked?: boolean;
}

/**
 * The plan with exact packages for every image that is built without a machine: those of `kiln.lock` beside the
 * template where they fit, else those that are resolved now, and written there.
 * @throws DiagnosticsError, KilnError for packages that cannot be had, or a lock that must not change and would
 */
export async function lockPlan(plan: Plan, options: LockPlanOptions, context: CliContext): Promise<Plan> {
  if (!plan.builds.some(({ source }) => source.kind === 'rootfs')) return plan;
  // Plans without such images need none of this.
  const { settleBuild } = await import('./settle-build.ts');
  const { toRootfsLock } = await import('../sources/packages/rootfs-lock.ts');
  return withProgress(context, async ({ signal, emit }) => {
    const builds: Build[] = [];
    for (const build of plan.builds) {
      const { source, name } = build;
      if (source.kind !== 'rootfs') {
        builds.push(build);
        continue;
      }
      const result = await withLayout(source.result, context);
      if (source.lock) {
        builds.push({ ...build, source: { ...source, result } });
        continue;
      }
      const { env, cwd } = context;
      const say = (text: string) => emit({ kind: 'message', build: name, level: 'info', text });
      const settling = { frozen: options.locked ?? false, onResolve: () => say('resolving packages') };
      const settled = await settleBuild(plan, build, source, settling, { env, cwd, signal });
      if (settled.written) tellOf(settled, say);
      builds.push({ ...build, source: { ...source, result, lock: toRootfsLock(settled.locked.resolved) } });
    }
    return { ...plan, builds };
  });
}

/** Tags move, and an image whose layout counts is a part of what determines the result. */
async function withLayout(result: RootfsResult, context: CliContext): Promise<RootfsResult> {
  if (!result.layoutOf) return result;
  const image = await openStore(homeOf(context)).getImage(result.layoutOf.reference);
  return { ...result, layoutOf: { kind: 'store', reference: `sha256:${image.id}` } };
}

function tellOf(
  { isNew, changes, reasons, locked: { resolved } }: SettledLock,
  say: (text: string) => void,
): void {
  if (isNew) {
    say(`kiln.lock has ${resolved.packages.length} packages; keep it with the template`);
    return;
  }
  for (const reason of reasons) say(`kiln.lock did not fit: ${reason}`);
  say(
    `kiln.lock is new: ${changes.length === 1 ? 'one package differs' : `${changes.length} packages differ`}`,
  );
}
