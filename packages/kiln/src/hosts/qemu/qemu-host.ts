import { mkdir } from 'node:fs/promises';
import { cancelled, throwIfCancelled } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import { kilnHome } from '../../base/home.ts';
import { Scope } from '../../base/scope.ts';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { CheckpointPlan } from '../checkpoint.ts';
import type { Host, HostContext, StartedMachine } from '../host.ts';
import { artifactFromDisks } from './artifact-from-disks.ts';
import { checkQemuSource } from './check.ts';
import { checkpointSupport } from './checkpoint-support.ts';
import { connectGuest, guardGuest } from './connect-guest.ts';
import { prepareBuild } from './prepare-build.ts';
import { restoreMemory } from './saved-memory.ts';
import { startMachine } from './start-machine.ts';
import { StartedQemu } from './started-qemu.ts';
import { typeBootCommand } from './type-boot-command.ts';

/**
 * Builds in QEMU machines. `home` is where facts about this host are remembered.
 */
export function qemuHost(home: string = kilnHome()): Host<QemuSource> {
  return {
    check: (source) => checkQemuSource(source, home),
    start: (source, context, checkpoints) => startQemuBuild(source, context, home, checkpoints),
    checkpointSupport: (source) => checkpointSupport(source, home),
    artifactFromDisks,
  };
}

/** @throws KilnError; everything that was made is undone by then */
async function startQemuBuild(
  source: QemuSource,
  context: HostContext,
  home: string,
  checkpoints: CheckpointPlan | undefined,
): Promise<StartedMachine> {
  const undo = new Scope();
  try {
    throwIfCancelled(context.signal);
    await mkdir(context.scratch, { recursive: true, mode: 0o700 });
    const prepared = await prepareBuild(source, context, home, undo, checkpoints);
    const machine = await startMachine(prepared, context, home, undo);
    if (checkpoints?.from?.memory !== undefined) {
      await restoreMemory(machine.qemu, checkpoints.from.memory, context.scratch);
      await machine.qemu.qmp.expect('cont');
    } else if (!(checkpoints?.from && source.installer)) await typeBootCommand(prepared, machine, context);
    const connected = await connectGuest(prepared, machine, context);
    const guest = guardGuest(connected.guest, machine.qemu);
    return new StartedQemu({ prepared, machine, connected, guest, context, undo });
  } catch (error) {
    try {
      await undo.close();
    } catch (failure) {
      context.emit({
        kind: 'message',
        build: context.build.name,
        level: 'warning',
        text: describeFailure(failure),
      });
    }
    throw context.signal.aborted && !(error instanceof KilnError && error.code === 'cancelled')
      ? cancelled()
      : error;
  }
}

function describeFailure(failure: unknown): string {
  const reasons = failure instanceof AggregateError ? failure.errors : [failure];
  return `something was left behind: ${reasons.map((one) => (one instanceof Error ? one.message : String(one))).join('; ')}`;
}
