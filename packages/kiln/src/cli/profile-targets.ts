import type { EmitEvent } from '../base/events.ts';
import type { Profile } from '../plan/profile.ts';
import { type ApplyOptions, type ApplyResult, applyProfile } from '../profile/apply/apply-profile.ts';
import { fetchFile } from '../sources/fetch-file.ts';
import { Run } from '../store/run.ts';
import { homeOf } from './actions/machine-targets.ts';
import type { CliContext } from './context.ts';
import { openGuest, readTarget } from './open-guest.ts';
import { withOwnHostname } from './own-hostname.ts';

export interface TargetWork extends Pick<ApplyOptions, 'mode' | 'onBegin' | 'onReport' | 'onOutput'> {
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
}

/** Applies a profile to what a word of the command line names, or checks it. */
export async function applyToTarget(
  word: string,
  profile: Profile,
  context: CliContext,
  { emit, signal, ...handlers }: TargetWork,
): Promise<ApplyResult & { readonly description: string }> {
  const target = readTarget(word);
  const home = homeOf(context);
  const run = await Run.open(home);
  try {
    const opened = await openGuest(target, context, { signal, emit, scratch: run.folder });
    const { guest, description, record } = opened;
    try {
      emit({
        kind: 'message',
        level: 'info',
        text: `${handlers.mode === 'check' ? 'looking at' : 'bringing the profile to'} ${description}`,
      });
      const meant = record ? withOwnHostname(profile, record) : { profile };
      if (meant.note !== undefined) emit({ kind: 'message', level: 'info', text: meant.note });
      const result = await applyProfile(guest, meant.profile, {
        ...handlers,
        fetch: (url, digest) => fetchFile(url, digest, { home, env: context.env, signal }),
        scratch: run.folder,
        signal,
      });
      return { ...result, description };
    } finally {
      await guest.close();
    }
  } finally {
    await run.close();
  }
}
