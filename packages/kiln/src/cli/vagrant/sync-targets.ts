import { syncVagrantState } from './state/sync-state.ts';
import type { Target } from './targets.ts';

/** Brings `.vagrant` of the machines' projects, and the index, to what is. */
export async function syncTargets(targets: readonly Target[]): Promise<void> {
  const sessions = new Map(
    targets.map(({ session, project }) => [session.place?.folder, { session, project }]),
  );
  for (const { session, project } of sessions.values()) {
    const { place, home, context } = session;
    if (place !== undefined) {
      await syncVagrantState({ place, home, env: context.env, specs: project.machines });
    }
  }
}
