import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KilnError } from '../base/errors.ts';
import type { EmitEvent } from '../base/events.ts';
import { namespaceObstacle } from '../base/user-namespace.ts';
import { ChrootGuest } from '../guests/chroot-guest.ts';
import { dockerGuest } from '../guests/docker-guest.ts';
import type { Guest } from '../guests/guest.ts';
import { sshProgramGuest } from '../guests/ssh-program-guest.ts';
import { findMachine } from '../machines/find-machine.ts';
import { type MachineRecord, machineFiles, machineState } from '../machines/machine-record.ts';
import { connectToMachine } from '../machines/start-machine.ts';
import { homeOf, projectFolder } from './actions/machine-targets.ts';
import type { CliContext } from './context.ts';
import { type MachineTarget, parseMachineTarget } from './machine-target.ts';
import { describeTarget, refusal } from './program-target.ts';

export interface OpenGuestOptions {
  readonly signal: AbortSignal;
  readonly emit: EmitEvent;
  /** A private folder for as long as the guest is used. */
  readonly scratch: string;
}

export interface OpenedGuest {
  readonly guest: Guest;
  /** For people, such as `the machine web`. */
  readonly description: string;
  /** Of a machine of Kiln's. */
  readonly record?: MachineRecord;
}

/** What a word means where something is to be changed: a plain one is a machine's name. @throws KilnError `bad-usage` */
export function readTarget(word: string): MachineTarget {
  return parseMachineTarget(word) ?? { kind: 'machine', name: word };
}

/**
 * Opens a target to run commands in. Whoever opens it closes it.
 * @throws KilnError `not-found`, `file-missing`, `unsupported`, `tool-missing`, `tool-failed`, `guest-unreachable`,
 * `guest-login-refused`, `cancelled`
 */
export async function openGuest(
  target: MachineTarget,
  context: CliContext,
  options: OpenGuestOptions,
): Promise<OpenedGuest> {
  switch (target.kind) {
    case 'machine':
      return openMachine(target.name, context, options);
    case 'directory':
      return openTree(resolve(context.cwd, target.path), options);
    case 'docker':
      return tried(target, dockerGuest(target.container), options.signal);
    case 'ssh':
      return tried(target, sshProgramGuest(target, options.scratch), options.signal);
  }
}

async function openMachine(
  name: string,
  context: CliContext,
  { signal, emit }: OpenGuestOptions,
): Promise<OpenedGuest> {
  const home = homeOf(context);
  const record = await findMachine(home, projectFolder(undefined, context), name);
  const state = await machineState(home, record.id);
  if (state !== 'running') {
    throw new KilnError('not-found', `${record.name} does not run (it is ${state})`, {
      hint: `start it with \`kiln ${state === 'suspended' ? 'resume' : 'up'} ${record.name}\``,
    });
  }
  const guest = await connectToMachine({ emit }, record, machineFiles(home, record.id), signal);
  return { guest, description: `the machine ${record.name}`, record };
}

async function openTree(path: string, { signal, scratch }: OpenGuestOptions): Promise<OpenedGuest> {
  if (!existsSync(path)) {
    throw new KilnError('file-missing', `there is no folder ${path}`, { hint: 'see if the path is right' });
  }
  // Links of a tree are for its own root, so that a shell behind one is not seen from here.
  if (!['bin', 'usr/bin'].some((folder) => existsSync(join(path, folder)))) {
    throw new KilnError('unsupported', `${path} is not the tree of a system: it has no programs`, {
      hint: 'make one with mmdebstrap, or unpack an image there',
    });
  }
  const obstacle = await namespaceObstacle({ signal });
  if (obstacle) {
    throw new KilnError('tool-missing', `${path} cannot be entered: ${obstacle.message}`, {
      hint: obstacle.hint,
    });
  }
  const guest = await ChrootGuest.open({
    root: { kind: 'directory', path },
    network: 'host',
    scratch,
    signal,
  });
  return { guest, description: `the tree ${path}` };
}

/** Looks at once whether commands can be run: then the reason can still be told well. */
async function tried(
  target: Extract<MachineTarget, { kind: 'ssh' | 'docker' }>,
  guest: Guest,
  signal: AbortSignal,
): Promise<OpenedGuest> {
  const description = describeTarget(target);
  const words: string[] = [];
  try {
    const exit = await guest.exec({
      command: 'true',
      signal,
      onLine: (line, stream) => void (stream === 'stderr' && words.push(line)),
    });
    if (exit.kind === 'exited' && exit.code === 0) return { guest, description };
    throw refusal(target, description, words.join('\n').trim());
  } catch (error) {
    await guest.close();
    throw error;
  }
}
