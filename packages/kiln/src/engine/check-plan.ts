import type { SourceLocation } from '../base/errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { EngineServices } from './engine-services.ts';
import { localFiles } from './local-files.ts';

/** One thing that would keep a build from succeeding. */
export interface PlanProblem {
  readonly build: string;
  readonly message: string;
  /** Where the build stands in the template. */
  readonly at?: SourceLocation;
}

const noFiles = { canBeRead: async () => true };

/** Finds everything that can be known to go wrong before any machine is made, for all builds at once. */
export async function checkPlan(
  plan: Plan,
  services: { readonly host: Pick<EngineServices['host'], 'check'> },
): Promise<readonly PlanProblem[]> {
  const found = await Promise.all(
    plan.builds.map(async (build) => {
      const messages = [...(await services.host.check(build.source))];
      const paths = localFiles(build, plan.origin.folder);
      // Many templates read no files, and hashing is slow to load.
      const { canBeRead } = paths.length === 0 ? noFiles : await import('./digest-tree.ts');
      for (const path of paths) {
        const message = `${path} does not exist or cannot be read`;
        if (!(await canBeRead(path)) && !messages.some((one) => one.includes(path))) messages.push(message);
      }
      const at = build.at === undefined ? {} : { at: build.at };
      return messages.map((message) => ({ build: build.name, message, ...at }));
    }),
  );
  return found.flat();
}
