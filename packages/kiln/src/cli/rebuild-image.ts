import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestFile } from '../base/files.ts';
import { runPlan } from '../engine/run-plan.ts';
import type { KeptBuild } from '../engine/tree-supply.ts';
import type { Store } from '../store/store.ts';
import type { RebuildImage } from '../supply/verify/rebuild.ts';
import { createServices } from './services.ts';

/**
 * How an image of this store is built again: from the build that is kept with it, with nothing of what is kept of
 * earlier builds. Local files that it reads are looked for in the current folder.
 */
export function rebuildImage(store: Store, env: NodeJS.ProcessEnv): RebuildImage {
  return async ({ record, lock, signal }) => {
    if (lock === undefined) return undefined;
    const { build } = JSON.parse(lock) as KeptBuild;
    const folder = await mkdtemp(join(tmpdir(), 'kiln-rebuild-'));
    const close = () => rm(folder, { recursive: true, force: true });
    const disk = join(folder, 'disk.qcow2');
    try {
      const result = await runPlan(
        {
          kind: 'plan',
          origin: {
            file: record.provenance.template?.file ?? 'kiln.yaml',
            folder: process.cwd(),
            dialect: 'kiln',
          },
          builds: [{ ...build, outputs: [[{ kind: 'disk', format: 'qcow2', path: disk, compress: false }]] }],
          machines: [],
          secrets: [],
        },
        { emit: () => {}, signal, logFolder: folder },
        createServices({ home: store.home, env, ask: async () => '' }),
      );
      const error = result.builds[0]?.errors[0];
      if (error) throw error;
      return { disk, digest: await digestFile(disk), close };
    } catch (error) {
      await close();
      throw error;
    }
  };
}
