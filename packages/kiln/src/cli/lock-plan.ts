import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { kilnHome } from '../base/home.ts';
import type { Build, Plan } from '../plan/plan.ts';
import type { RootfsSource } from '../plan/source.ts';
import type { SettledLock } from '../profile/lock/settle-lock.ts';
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
  if (!plan.builds.some(({ source }) => source.kind === 'rootfs' && !source.lock)) return plan;
  return withProgress(context, async ({ signal, emit }) => {
    const builds: Build[] = [];
    for (const build of plan.builds) {
      const { source, name } = build;
      if (source.kind !== 'rootfs' || source.lock) {
        builds.push(build);
        continue;
      }
      const say = (text: string) => emit({ kind: 'message', build: name, level: 'info', text });
      builds.push({ ...build, source: await locked(plan, build, source, options, { context, signal, say }) });
    }
    return { ...plan, builds };
  });
}

interface Surroundings {
  readonly context: CliContext;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

async function locked(
  { origin }: Plan,
  { name, steps }: Build,
  source: RootfsSource,
  options: LockPlanOptions,
  { context, signal, say }: Surroundings,
): Promise<RootfsSource> {
  // Plans without such images need none of this.
  const { settleLock } = await import('../profile/lock/settle-lock.ts');
  const { profileRequest } = await import('../profile/lock/profile-request.ts');
  const { lockFileName } = await import('../profile/lock/lock.ts');
  const { profileFor } = await import('../profile/conditions.ts');
  const { factsOfSystem } = await import('../profile/facts.ts');
  const { findRelease } = await import('../sources/bootstrap/release.ts');
  const { fetchFile } = await import('../sources/fetch-file.ts');
  const { toRootfsLock } = await import('../sources/packages/rootfs-lock.ts');
  const { storeLayout } = await import('../store/home.ts');
  const { env } = context;
  const home = kilnHome(env);
  const { distribution, release } = source.os;
  const facts = { ...factsOfSystem(distribution, release), architecture, booted: false };
  const profiles = steps.flatMap((step) =>
    step.kind === 'profile' ? [profileFor(step.profile, facts)] : [],
  );
  const request = await profileRequest(profiles, {
    release: findRelease(distribution, release),
    architecture,
    fetch: async (url, digest) => readFile(await fetchFile(url, digest, { home, env, signal })),
  });
  const settled = await settleLock(
    { path: join(origin.folder, lockFileName), shown: join(dirname(origin.file), lockFileName), name },
    request,
    [],
    { layout: storeLayout(home), signal },
    { frozen: options.locked ?? false },
  );
  if (settled.written) tellOf(settled, say);
  return { ...source, lock: toRootfsLock(settled.locked.resolved) };
}

/** Other architectures are refused before. */
const architecture = 'amd64';

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
