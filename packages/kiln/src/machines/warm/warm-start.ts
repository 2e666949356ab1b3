import { join } from 'node:path';
import { KilnError, messageOf } from '../../base/errors.ts';
import { withLock } from '../../base/locks.ts';
import { storeLayout } from '../../store/home.ts';
import { findWarm, noteUnfit, unfitReason, type WarmSnapshot } from '../../store/warm/warm-store.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { makeWarm, type WarmRequest } from './make-warm.ts';
import { warmKey } from './warm-key.ts';

/** How a new machine starts, and for people why it cannot be quicker. */
export type WarmStart =
  | {
      readonly kind: 'warm';
      readonly snapshot: WarmSnapshot;
      /** It is of a machine whose provisioners have run. */
      readonly isProvisioned: boolean;
    }
  | { readonly kind: 'cold'; readonly why: string };

/** Another command that boots the same machine may take this long, in milliseconds. */
const patience = 15 * 60_000;

/** What is wrong with the machine itself or with this host, and would be so with a machine that is not kept. */
const fatal = new Set(['guest-unreachable', 'guest-login-refused', 'cancelled', 'tool-missing', 'locked']);

/**
 * The snapshot that a new machine starts from. The first machine of a kind makes it, and others wait for it: that takes
 * as long as a boot of their own.
 * @param provisionedKey of a machine that `keepMachine` may have kept: the best there is
 * @throws KilnError when no machine of this kind comes up
 */
export async function warmStart(
  services: MachineServices,
  request: Omit<WarmRequest, 'key'>,
  provisionedKey?: string,
): Promise<WarmStart> {
  const { home, signal } = services;
  const provisioned = provisionedKey === undefined ? undefined : await findWarm(home, provisionedKey);
  if (provisioned) return { kind: 'warm', snapshot: provisioned, isProvisioned: true };
  const named = await warmKey(services, request.record, request.spec);
  if (named.kind === 'none') return { kind: 'cold', why: named.reason };
  const { key } = named;
  const known = await lookUp(home, key);
  if (known) return known;
  const lock = join(storeLayout(home).locks, `warm-${key.slice(0, 16)}.lock`);
  const options = {
    what: 'the first machine of its kind',
    wait: patience,
    signal,
    onWait: () => tell(services, request.record.name, 'waiting for the first machine of its kind to boot'),
  };
  return withLock(lock, options, async () => {
    const meanwhile = await lookUp(home, key);
    if (meanwhile) return meanwhile;
    tell(services, request.record.name, 'booting the first machine of its kind; others will start from it');
    try {
      return { kind: 'warm', snapshot: await makeWarm(services, { ...request, key }), isProvisioned: false };
    } catch (error) {
      if (!(error instanceof KilnError) || fatal.has(error.code)) throw error;
      const why = messageOf(error);
      if (error.code !== 'disk-full') await noteUnfit(home, key, why);
      return { kind: 'cold', why };
    }
  });
}

async function lookUp(home: string, key: string): Promise<WarmStart | undefined> {
  const snapshot = await findWarm(home, key);
  if (snapshot) return { kind: 'warm', snapshot, isProvisioned: false };
  const why = await unfitReason(home, key);
  return why === undefined ? undefined : { kind: 'cold', why };
}
