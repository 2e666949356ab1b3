import type { ExaminedSystem } from './survey.ts';
import { surveyTree } from './survey-tree.ts';
import type { TreeAccess } from './tree-access.ts';

/** A system that does not run, through its files. Closing it closes the access. */
export function treeSystem(access: TreeAccess, description: string): ExaminedSystem {
  return {
    description,
    survey: (query, signal) => surveyTree(access, query, signal),
    async read(paths, limit, signal) {
      const found = new Map<string, Uint8Array>();
      for (const path of paths) {
        signal?.throwIfAborted();
        const bytes = await access.read(path, limit);
        if (bytes) found.set(path, bytes);
      }
      return found;
    },
    close: () => access.close(),
  };
}
