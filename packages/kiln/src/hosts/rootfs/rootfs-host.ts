import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfCancelled } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { removeTree } from '../../base/user-namespace.ts';
import { ChrootGuest } from '../../guests/chroot-guest.ts';
import type { RootfsSource } from '../../plan/source.ts';
import { installSystem, systemRecipe } from '../../sources/bootstrap/install-system.ts';
import { findRelease } from '../../sources/bootstrap/release.ts';
import { reproducibleEnvironment } from '../../sources/packages/reproducible-environment.ts';
import type { Artifact } from '../artifact.ts';
import type { CheckpointPlan, CheckpointSupport, RestorePoint } from '../checkpoint.ts';
import type { Host, HostContext } from '../host.ts';
import { checkRootfsSource } from './check.ts';
import { OfflinePackages } from './offline-packages.ts';
import { StartedTree } from './started-tree.ts';
import { TreeGuest } from './tree-guest.ts';
import { TreeLayers } from './tree-layers.ts';
import { writeImage } from './write-image.ts';

/** Builds in a tree of files, with no machine. `home` is where packages are kept. */
export function rootfsHost(home: string): Host<RootfsSource> {
  return {
    check: checkRootfsSource,
    start: (source, context, checkpoints) => startTree(source, context, home, checkpoints),
    checkpointSupport: async (source) => treeSupport(source),
    artifactFromDisks: (source, context, from) => artifactFromTrees(source, context, home, from),
  };
}

/** Writes the image of a tree that is kept as it was after the last step. */
async function artifactFromTrees(
  source: RootfsSource,
  context: HostContext,
  home: string,
  { trees = [] }: RestorePoint,
): Promise<Artifact> {
  const folder = join(context.scratch, 'tree');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await writeImage({ source, context, layers: await TreeLayers.open(folder, trees), home, folder });
  } finally {
    await removeTree(folder);
  }
}

function treeSupport({ os, lock }: RootfsSource): CheckpointSupport {
  if (!lock) return { kind: 'none', reason: 'its packages are not resolved yet' };
  const recipe = createHash('sha256').update(systemRecipe(findRelease(os.distribution, os.release)));
  return {
    kind: 'disks',
    noMemory: 'a tree of files has no memory',
    machine: { recipe: recipe.digest('hex'), architecture: process.arch },
  };
}

/** @throws KilnError; everything that was made is undone by then */
async function startTree(
  source: RootfsSource,
  context: HostContext,
  home: string,
  checkpoints: CheckpointPlan | undefined,
): Promise<StartedTree> {
  const { signal } = context;
  const { lock, os } = source;
  if (!lock) throw new KilnError('internal', `the packages of ${context.build.name} are not resolved`);
  const folder = join(context.scratch, 'tree');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let guest: TreeGuest | undefined;
  try {
    const layers = await TreeLayers.open(folder, checkpoints?.from?.trees ?? []);
    const release = findRelease(os.distribution, os.release);
    if (!checkpoints?.from) {
      await installSystem({
        release,
        lock,
        home,
        tree: layers.upper,
        scratch: join(folder, 'system'),
        signal,
        onStage: context.say,
      });
    }
    throwIfCancelled(signal);
    const packages = await OfflinePackages.open(lock.more, home, join(folder, 'packages'));
    guest = new TreeGuest(
      () =>
        layers.withRoot((root) =>
          ChrootGuest.open({
            root,
            network: source.network ? 'host' : 'none',
            hostname: source.result.machineName.replace(/[^a-z0-9-]/gi, '-'),
            binds: packages.binds,
            environment: reproducibleEnvironment(lock.time),
            scratch: context.scratch,
          }),
        ),
      (stop) => packages.provide(stop ?? signal, context.say),
    );
    return new StartedTree({ source, context, layers, guest, home, folder });
  } catch (error) {
    await guest?.close();
    await removeTree(folder);
    throw error;
  }
}
