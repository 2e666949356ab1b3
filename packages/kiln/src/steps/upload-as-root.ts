import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { guestFolder, guestName, posixCommand } from '../guests/guest-path.ts';
import type { FileStep } from '../plan/step.ts';
import type { StepContext } from './step-context.ts';

/**
 * Copies files to where only root may write: the login user puts them into a place of its own, and `sudo`, or nothing
 * when the login is root already, copies them on. Missing folders are made. What is copied belongs to the step's
 * owner, or to root.
 * @throws KilnError `step-failed`, `file-missing`, `guest-disconnected`
 */
export async function uploadAsRoot(step: FileStep, context: StepContext): Promise<void> {
  const { guest, signal } = context;
  const destination = context.render(step.destination);
  if (step.content !== undefined) {
    const bytes = Buffer.from(context.render(step.content));
    const target = { folder: guestFolder(destination), name: guestName(destination) };
    await place(step, context, target, (stage) =>
      guest.upload({ from: { kind: 'bytes', bytes }, to: stage, signal }),
    );
    return;
  }
  for (const source of step.sources) {
    const from = context.render(source);
    const local = resolve(context.folder, from);
    if (await isFolder(local, from)) {
      const whole = from.endsWith('/') ? `${local}/` : local;
      await place(step, context, { folder: destination }, (stage) =>
        guest.uploadTree(whole, stage, { signal }),
      );
    } else {
      const target = destination.endsWith('/')
        ? { folder: destination, name: basename(local) }
        : { folder: guestFolder(destination), name: guestName(destination) };
      await place(step, context, target, (stage) =>
        guest.upload({ from: { kind: 'file', path: local }, to: stage, signal }),
      );
    }
  }
}

/**
 * Runs as root: `$1` what was uploaded, `$2` target folder, `$3` owner, `$4` mode or nothing, `$5` the file's name when
 * it is one, which goes into the folder of that name if there is one. What is in an uploaded folder is copied and not
 * the folder itself, which leaves the target folder's own mode and owner alone.
 */
const copyOn = `set -e
chown -Rh "$3" "$1"
[ -z "$4" ] || find "$1" -type f -exec chmod "$4" {} +
mkdir -p "$2"
target=$2
if [ -n "$5" ]; then
  target=$2/$5
  [ ! -d "$target" ] || target=$target/$5
  cp -a "$1" "$target"
else
  find "$1" -mindepth 1 -maxdepth 1 -exec cp -a {} "$target" \\;
fi
rm -rf "$1"`;

/** `$1` is a script, and the rest are its arguments from `$1` on. */
const withRights =
  'script=$1; shift; if [ "$(id -u)" = 0 ]; then sh -c "$script" sh "$@"; else sudo -n sh -c "$script" sh "$@"; fi';

function rootCommand(script: string, ...args: readonly string[]): string {
  return posixCommand(withRights, script, ...args);
}

/** Where something goes; `name` when it is one file. */
interface Target {
  readonly folder: string;
  readonly name?: string;
}

async function place(
  step: FileStep,
  context: StepContext,
  target: Target,
  send: (stage: string) => Promise<void>,
): Promise<void> {
  const stage = `/tmp/kiln-copy-${randomBytes(6).toString('hex')}`;
  const mode = step.mode === undefined ? '' : step.mode.toString(8).padStart(4, '0');
  try {
    await send(stage);
    const args = [stage, target.folder, step.owner ?? 'root', mode, target.name ?? ''];
    await command(context, rootCommand(copyOn, ...args));
  } catch (error) {
    // After a cancellation the machine is given up anyway.
    if (!context.signal.aborted) {
      await context.guest.exec({ command: rootCommand('rm -rf "$1"', stage), signal: context.signal });
    }
    throw error;
  }
}

async function command(context: StepContext, line: string): Promise<void> {
  const complaints: string[] = [];
  const exit = await context.guest.exec({
    command: line,
    onLine: (text) => complaints.push(text),
    signal: context.signal,
  });
  if (exit.kind === 'exited' && exit.code === 0) return;
  if (exit.kind === 'disconnected') {
    throw new KilnError('guest-disconnected', 'the connection broke while files were being copied');
  }
  const words = complaints.join('; ') || 'the machine did not say why';
  throw new KilnError('step-failed', `the files could not be put in place: ${words}`);
}

async function isFolder(path: string, shown: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
    throw new KilnError('file-missing', `${shown} cannot be uploaded: there is no ${path}`, { cause: error });
  }
}
