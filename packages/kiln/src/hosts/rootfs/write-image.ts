import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatSize } from '../../base/sizes.ts';
import type { RootfsSource } from '../../plan/source.ts';
import { loginUser } from '../../sources/bootstrap/guest-files.ts';
import { findRelease } from '../../sources/bootstrap/release.ts';
import type { Artifact } from '../artifact.ts';
import type { HostContext } from '../host.ts';
import { writeEarlierLayout } from './earlier-layout.ts';
import { writeSystemDisk } from './system-disk.ts';
import type { TreeLayers } from './tree-layers.ts';

interface TreeToWrite {
  readonly source: RootfsSource;
  readonly context: HostContext;
  readonly layers: TreeLayers;
  /** `$KILN_HOME`. */
  readonly home: string;
  /** For what is needed on the way. */
  readonly folder: string;
}

/**
 * Makes a tree the disk that a build is for.
 * @throws KilnError `disk-too-small`, `secrets-found`, `tool-failed`, `disk-full`, `cancelled`
 */
export async function writeImage({ source, context, layers, home, folder }: TreeToWrite): Promise<Artifact> {
  const { result, os, lock } = source;
  const disk = join(context.scratch, 'disk.qcow2');
  const layout = result.layoutOf && join(folder, 'earlier-layout.json');
  if (result.layoutOf && layout) await writeEarlierLayout(result.layoutOf, context, layout);
  const { files, bytes, sboms } = await writeSystemDisk({
    root: await layers.root(),
    release: findRelease(os.distribution, os.release),
    name: result.machineName,
    diskSize: result.diskSize,
    time: lock!.time,
    packages: [...lock!.base, ...lock!.more],
    home,
    allowSecrets: result.allowSecrets,
    ...(layout !== undefined && { layout }),
    to: disk,
    work: join(folder, 'image'),
    signal: context.signal,
    onStage: context.say,
    onStart: (pid) => context.run.ownProcess(pid),
  });
  context.say(`${files} files, ${formatSize(bytes)}, on a disk of ${formatSize(result.diskSize)}`);
  return {
    builderId: 'kiln.rootfs',
    id: 'disk',
    description: `system disk of ${result.machineName}`,
    files: [disk],
    disk: {
      path: disk,
      format: 'qcow2',
      seeded: true,
      time: lock!.time,
      firmware: ['bios', 'efi'],
      user: loginUser,
    },
    supply: { sboms },
    destroy: () => rm(disk, { force: true }),
  };
}
