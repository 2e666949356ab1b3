import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { guestName, guestPath, joinGuestPath, posixCommand, withSlashes } from '../guests/guest-path.ts';
import type { FileStep, ScriptDownload } from '../plan/step.ts';
import { downloadScript } from './download-script.ts';
import type { StepContext, StepRunner } from './step-context.ts';
import { uploadAsRoot } from './upload-as-root.ts';

/** Copies files and folders into the machine or out of it. */
export const runFileStep: StepRunner<FileStep> = async (step, context) => {
  if (step.asRoot) return await uploadAsRoot(step, context);
  const destination = pathOf(context.render(step.destination), step.direction === 'upload');
  if (step.content !== undefined) return await uploadContent(step, context, destination);
  if (step.download) return await uploadDownload(step, step.download, context, destination);
  for (const source of step.sources) {
    const from = pathOf(context.render(source), step.direction === 'download');
    if (step.direction === 'upload') await upload(step, context, from, destination);
    else await download(context, from, destination);
  }
};

/** Whether a path of Windows names a folder is told by its last character, too. */
function pathOf(path: string, isInMachine: boolean): string {
  return isInMachine ? withSlashes(path) : path;
}

async function uploadContent(step: FileStep, context: StepContext, destination: string): Promise<void> {
  if (destination.endsWith('/')) {
    throw new KilnError('step-failed', `the destination ${destination} of a content must name a file`, {
      hint: 'leave the slash at the end away, or add a file name',
      ...(step.at ? { at: step.at } : {}),
    });
  }
  context.say(`Writing ${destination}`);
  await context.guest.upload({
    from: { kind: 'bytes', bytes: Buffer.from(context.render(step.content!)) },
    to: destination,
    signal: context.signal,
    ...(step.mode === undefined ? {} : { mode: step.mode }),
  });
  await giveTo(step, context, [destination]);
}

async function uploadDownload(
  step: FileStep,
  download: ScriptDownload,
  context: StepContext,
  destination: string,
): Promise<void> {
  const { bytes } = await downloadScript(download, context.signal);
  const to = destination.endsWith('/')
    ? `${destination}${basename(new URL(download.url).pathname)}`
    : destination;
  context.say(`Writing ${to}`);
  await context.guest.upload({
    from: { kind: 'bytes', bytes },
    to,
    signal: context.signal,
    ...(step.mode === undefined ? {} : { mode: step.mode }),
  });
  await giveTo(step, context, [to]);
}

async function upload(
  step: FileStep,
  context: StepContext,
  from: string,
  destination: string,
): Promise<void> {
  const { guest, signal } = context;
  const local = resolve(context.folder, from);
  const kind = await kindOf(local, from);
  context.say(`Uploading ${from} to ${destination}`);
  if (kind === 'folder') {
    const wholeFolder = !from.endsWith('/');
    await guest.uploadTree(wholeFolder ? local : `${local}/`, destination, { signal });
    const names = wholeFolder ? [basename(local)] : await readdir(local);
    const paths = names.map((name) => joinGuestPath(destination, name));
    if (step.mode !== undefined) await setModeOfFiles(step.mode, context, paths);
    await giveTo(step, context, paths);
    return;
  }
  const to = destination.endsWith('/') ? `${destination}${basename(local)}` : destination;
  await guest.upload({
    from: { kind: 'file', path: local },
    to,
    signal,
    ...(step.mode === undefined ? {} : { mode: step.mode }),
  });
  await giveTo(step, context, [to]);
}

async function download(context: StepContext, from: string, destination: string): Promise<void> {
  const { guest, signal } = context;
  context.say(`Downloading ${from} to ${destination}`);
  const intoFolder = destination.endsWith('/');
  const local = resolve(context.folder, destination);
  if (from.endsWith('/')) {
    await guest.downloadTree(from, local, { signal });
    return;
  }
  await mkdir(intoFolder ? local : dirname(local), { recursive: true });
  await guest.download(from, intoFolder ? resolve(local, guestName(from)) : local, { signal });
}

async function kindOf(path: string, shown: string): Promise<'file' | 'folder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
    throw new KilnError('file-missing', `${shown} cannot be uploaded: there is no ${path}`, { cause: error });
  }
}

/** A folder needs bits that a file does not, so a mode counts for the files alone. */
function setModeOfFiles(mode: number, context: StepContext, paths: readonly string[]): Promise<void> {
  const bits = mode.toString(8).padStart(4, '0');
  return inMachine(context, 'mode=$1; shift; find "$@" -type f -exec chmod "$mode" {} +', bits, paths);
}

async function giveTo(step: FileStep, context: StepContext, paths: readonly string[]): Promise<void> {
  if (step.owner === undefined || paths.length === 0) return;
  // A user may give away files to a group of its own without more rights; where that is refused, sudo may help.
  const script = 'said=$(chown -Rh "$@" 2>&1) || sudo -n chown -Rh "$@" 2>&1 || { echo "$said"; exit 1; }';
  await inMachine(context, script, step.owner, paths);
}

/** Runs a script whose first argument is a value and whose others are paths of the machine. */
async function inMachine(
  context: StepContext,
  script: string,
  value: string,
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) return;
  const complaints: string[] = [];
  const exit = await context.guest.exec({
    command: posixCommand(script, value, ...paths.map(guestPath)),
    onLine: (line) => complaints.push(line),
    signal: context.signal,
  });
  if (exit.kind === 'exited' && exit.code === 0) return;
  if (exit.kind === 'disconnected') {
    throw new KilnError('guest-disconnected', 'the connection broke while files were being copied');
  }
  const words = complaints.join('; ') || 'the machine did not say why';
  throw new KilnError('step-failed', `mode or owner of ${paths.join(', ')} could not be set: ${words}`);
}
