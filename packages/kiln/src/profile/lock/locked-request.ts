import { createHash } from 'node:crypto';
import { foreignSources, sourceLine } from '../../sources/packages/apt-source.ts';
import type { PackageRequest, RequestedPackage } from '../../sources/packages/package-request.ts';
import type { LockedProfile, LockedRequest } from './lock.ts';

/** What a request asks for, as a lock has it. */
export function lockedRequest({ wishes, recommends, base, repositories }: PackageRequest): LockedRequest {
  return {
    packages: wishes.map(wishWord).sort(),
    recommends,
    base: [...base].sort(),
    repositories: foreignSources(repositories).map((source) => {
      const key = source.key && createHash('sha256').update(source.key).digest('hex');
      return `${sourceLine(source, 'url')}${key === undefined ? '' : ` key=sha256:${key}`}`;
    }),
  };
}

function wishWord({ name, state, version }: RequestedPackage): string {
  if (version !== undefined && state !== 'absent') return `${name}=${version}`;
  return state === 'present' ? name : `${name} (${state})`;
}

/** Why a lock is not for a request, a sentence each; none when it is. */
export function whyUnfit(locked: LockedProfile, request: PackageRequest): string[] {
  const { os, asked, resolved } = locked;
  const { distribution, version } = request.release;
  const reasons: string[] = [];
  if (os.distribution !== distribution || os.release !== version)
    reasons.push(
      `it is for ${os.distribution}/${os.release}, and the profile for ${distribution}/${version}`,
    );
  if (resolved.architecture !== request.architecture)
    reasons.push(`it is for ${resolved.architecture}, and the machine is ${request.architecture}`);
  const wanted = lockedRequest(request);
  reasons.push(
    ...difference(asked.packages, wanted.packages, 'the profile', (one) => `the package ${one}`),
    ...difference(asked.repositories, wanted.repositories, 'the profile', (one) => `the repository "${one}"`),
    ...difference(asked.base, wanted.base, 'this Kiln', (one) => `${one} in every system`),
  );
  if (asked.recommends !== wanted.recommends)
    reasons.push(
      `it is ${asked.recommends ? 'with' : 'without'} what packages recommend, and the profile is not`,
    );
  return reasons;
}

function difference(
  before: readonly string[],
  after: readonly string[],
  who: string,
  name: (one: string) => string,
): string[] {
  return [
    ...after
      .filter((one) => !before.includes(one))
      .map((one) => `${who} asks for ${name(one)}, which is not in it`),
    ...before
      .filter((one) => !after.includes(one))
      .map((one) => `${who} does not ask for ${name(one)} any more`),
  ];
}
