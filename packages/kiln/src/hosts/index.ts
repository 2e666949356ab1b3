import { KilnError } from '../base/errors.ts';
import { kilnHome } from '../base/home.ts';
import type { Source } from '../plan/source.ts';
import type { Artifact } from './artifact.ts';
import type { CheckpointPlan, CheckpointSupport, RestorePoint } from './checkpoint.ts';
import { fileHost } from './file.ts';
import type { Host, HostContext, StartedMachine } from './host.ts';
import { nullHost } from './null.ts';
import { qemuHost } from './qemu/qemu-host.ts';
import { rootfsHost } from './rootfs/rootfs-host.ts';

/** Mistakes of a source that can be known before anything is made. */
export function checkSource(source: Source, home: string = kilnHome()): Promise<readonly string[]> {
  return withHost(source, home, (host, own) => host.check(own));
}

/** Makes the machine of a source; see `Host.start`. */
export function startSource(
  source: Source,
  context: HostContext,
  home: string = kilnHome(),
  checkpoints?: CheckpointPlan,
): Promise<StartedMachine> {
  return withHost(source, home, (host, own) => host.start(own, context, checkpoints));
}

/** Makes a source's artifact again from the disks of its machine; see `Host.artifactFromDisks`. */
export function sourceArtifact(
  source: Source,
  context: HostContext,
  from: RestorePoint,
  home: string = kilnHome(),
): Promise<Artifact> {
  return withHost(source, home, async <S>(host: Host<S>, own: S): Promise<Artifact> => {
    if (host.artifactFromDisks) return host.artifactFromDisks(own, context, from);
    throw new KilnError('internal', `a ${source.kind} build has no disks`);
  });
}

/** Whether states of a source's machine can be kept; see `Host.checkpointSupport`. */
export function sourceCheckpoints(source: Source, home: string = kilnHome()): Promise<CheckpointSupport> {
  return withHost(source, home, async <S>(host: Host<S>, own: S): Promise<CheckpointSupport> => {
    const none: CheckpointSupport = { kind: 'none', reason: `a ${source.kind} build makes no machine` };
    return (await host.checkpointSupport?.(own)) ?? none;
  });
}

function withHost<T>(source: Source, home: string, use: <S>(host: Host<S>, source: S) => T): T {
  switch (source.kind) {
    case 'qemu':
      return use(qemuHost(home), source);
    case 'rootfs':
      return use(rootfsHost(home), source);
    case 'null':
      return use(nullHost, source);
    case 'file':
      return use(fileHost, source);
  }
}
