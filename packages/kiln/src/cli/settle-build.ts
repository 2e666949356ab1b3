import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { kilnHome } from '../base/home.ts';
import type { Build, Plan } from '../plan/plan.ts';
import type { RootfsSource } from '../plan/rootfs-source.ts';
import { profileFor } from '../profile/conditions.ts';
import { factsOfSystem } from '../profile/facts.ts';
import { fetchedByProfiles } from '../profile/lock/fetched-by-profiles.ts';
import { locateNames } from '../profile/lock/locate-names.ts';
import { lockFileName } from '../profile/lock/lock.ts';
import { profileRequest } from '../profile/lock/profile-request.ts';
import { type SettledLock, type SettleOptions, settleLock } from '../profile/lock/settle-lock.ts';
import { findRelease } from '../sources/bootstrap/release.ts';
import { fetchFile } from '../sources/fetch-file.ts';
import { storeLayout } from '../store/home.ts';
import type { CliContext } from './context.ts';

/** Other architectures are refused before. */
const architecture = 'amd64';

/**
 * The exact packages of an image that is built without a machine, by the `kiln.lock` beside its template.
 * @throws as settleLock
 */
export async function settleBuild(
  { origin }: Plan,
  { name, steps }: Build,
  { os: { distribution, release } }: RootfsSource,
  options: SettleOptions,
  { env, cwd, signal }: Pick<CliContext, 'env' | 'cwd'> & { readonly signal: AbortSignal },
): Promise<SettledLock> {
  const home = kilnHome(env);
  const facts = { ...factsOfSystem(distribution, release), architecture, booted: false };
  const profiles = steps.flatMap((step) =>
    step.kind === 'profile' ? [profileFor(step.profile, facts)] : [],
  );
  const request = await profileRequest(profiles, {
    release: findRelease(distribution, release),
    architecture,
    fetch: async (url, digest) => readFile(await fetchFile(url, digest, { home, env, signal })),
    locate: locateNames([{ path: resolve(cwd, origin.file), shown: origin.file }]),
  });
  return settleLock(
    { path: join(origin.folder, lockFileName), shown: join(dirname(origin.file), lockFileName), name },
    request,
    fetchedByProfiles(profiles),
    { layout: storeLayout(home), signal },
    options,
  );
}
