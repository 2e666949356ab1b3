import type { Guest } from '../../../guests/guest.ts';
import type { Profile } from '../../../plan/profile.ts';
import { type ApplyOptions, type ApplyResult, applyProfile } from '../apply-profile.ts';
import { describeReport } from '../describe-report.ts';

/** What came of applying or checking a profile, in forms that tests can compare. */
export interface Applied extends ApplyResult {
  /** Every resource that is not `ok`, as people see it. */
  readonly told: readonly string[];
  /** All that was printed by what the script ran. */
  readonly output: readonly string[];
}

/** Applies a profile, or checks it. Nothing is downloaded. */
export async function applied(
  guest: Guest,
  profile: Profile,
  mode: ApplyOptions['mode'],
  scratch: string,
): Promise<Applied> {
  const output: string[] = [];
  const result = await applyProfile(guest, profile, {
    mode,
    scratch,
    fetch: async (url) => Promise.reject(new Error(`${url} is not to be downloaded in tests`)),
    onOutput: (line) => output.push(line),
  });
  const told = result.reports.filter(({ outcome }) => outcome !== 'ok').flatMap(describeReport);
  return { ...result, told, output };
}
