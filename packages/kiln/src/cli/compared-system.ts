import type { EmitEvent } from '../base/events.ts';
import type { Profile } from '../plan/profile.ts';
import { profileFor } from '../profile/conditions.ts';
import { stateOfInventory } from '../profile/diff/state-of-inventory.ts';
import { stateOfProfile } from '../profile/diff/state-of-profile.ts';
import type { SystemState } from '../profile/diff/system-state.ts';
import { readFileContents } from '../profile/diff/wished-contents.ts';
import { factsOfInventory } from '../profile/inventory/facts-of-inventory.ts';
import type { Inventory } from '../profile/inventory/inventory.ts';
import { readInventory } from '../profile/inventory/read-inventory.ts';
import type { ExaminedSystem } from '../profile/inventory/survey.ts';
import type { CliContext } from './context.ts';
import { loadProfileOf, type ProfileOptionValues } from './load-profile.ts';
import { openSystem } from './open-system.ts';
import { readSystemWord } from './system-word.ts';

/** One side of a comparison. Whoever opens it closes it. */
export interface ComparedSystem {
  /** @param other the other side, whose facts decide conditions of a profile */
  state(other: Inventory | undefined): Promise<SystemState>;
  /** Undefined for a profile. */
  readonly inventory: Inventory | undefined;
  /** Contents of files, as far as they are known and not larger than `limit` bytes. */
  read(paths: readonly string[], limit: number): Promise<ReadonlyMap<string, Uint8Array>>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly profile: ProfileOptionValues;
  readonly signal: AbortSignal;
  readonly emit: EmitEvent;
}

/** Opens what a word of the command line names, and looks at it. */
export async function openCompared(
  word: string,
  context: CliContext,
  options: OpenOptions,
): Promise<ComparedSystem> {
  const meant = await readSystemWord(word, context);
  if (meant.kind === 'profile') {
    const { profile } = await loadProfileOf(meant.path, options.profile, context);
    return comparedProfile(profile, word);
  }
  const system = await openSystem(meant, context, options);
  try {
    return comparedSystem(await readInventory(system, options.signal), system);
  } catch (error) {
    await system.close();
    throw error;
  }
}

function comparedProfile(profile: Profile, description: string): ComparedSystem {
  return {
    state: (other) =>
      stateOfProfile(other ? profileFor(profile, factsOfInventory(other)) : profile, description),
    inventory: undefined,
    read: (paths, limit) => readFileContents(profile, paths, limit),
    close: async () => {},
  };
}

/** A system that was looked at. */
export function comparedSystem(inventory: Inventory, system: ExaminedSystem): ComparedSystem {
  return {
    state: async () => stateOfInventory(inventory),
    inventory,
    read: (paths, limit) => system.read(paths, limit),
    close: () => system.close(),
  };
}
