import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { isSystemError, KilnError } from '../base/errors.ts';
import { guestFolder, joinGuestPath, posixCommand } from '../guests/guest-path.ts';
import type { Copy } from '../plan/copy.ts';
import { codeOf } from './exit-code.ts';
import { runUploadedScript } from './run-uploaded-script.ts';
import type { StepContext } from './step-context.ts';

export interface StageSetup {
  /** Part of the temporary folder's name. */
  readonly name: string;
  readonly copies: readonly Copy[];
  /** Where the step works; undefined: in the temporary folder. */
  readonly folder?: string | undefined;
  readonly cleanFolder: boolean;
  /** Programs are to run as root. */
  readonly asRoot: boolean;
}

/** What a step has in the machine while it works there. */
export interface Stage {
  /** A folder that only the login user can read, removed at the end. */
  readonly private: string;
  /** Where relative paths of the step start. */
  readonly folder: string;
  /** A path of the step as the machine's programs take it. */
  readonly path: (path: string) => string;
  /** Writes a file that only the login user, and root, can read. Resolves with its path. */
  readonly write: (name: string, text: string) => Promise<string>;
  /** Runs a POSIX shell script, as root when the step says so. Resolves with its exit code. */
  readonly run: (script: string, options?: StageRun) => Promise<number>;
  /** What a script prints, when it ends well. */
  readonly ask: (script: string) => Promise<string | undefined>;
}

export interface StageRun {
  /** Other than the step says. */
  readonly asRoot?: boolean;
  readonly onLine?: StepContext['output'];
}

/**
 * Copies what a step needs into the machine, lets it work there, and removes what is left of it.
 * @throws KilnError `step-failed`, `file-missing`, `guest-disconnected`, what `work` throws
 */
export async function withStage<T>(
  setup: StageSetup,
  context: StepContext,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const own = `/tmp/kiln-${setup.name}-${randomBytes(6).toString('hex')}`;
  const folder = setup.folder ?? own;
  await mustSucceed(context, 'umask 077; mkdir "$1"', own);
  if (setup.asRoot) await mustBecomeRoot(context);
  const path = (one: string) =>
    one.startsWith('/') || one.startsWith('~') ? one : joinGuestPath(folder, one);
  const stage: Stage = {
    private: own,
    folder,
    path,
    write: async (name, text) => {
      const to = joinGuestPath(own, name);
      const from = { kind: 'bytes', bytes: Buffer.from(text) } as const;
      await context.guest.upload({ from, to, mode: 0o600, signal: context.signal });
      return to;
    },
    run: (script, options = {}) => runScript(script, own, context, options.asRoot ?? setup.asRoot, options),
    ask: (script) => ask(script, context),
  };
  try {
    for (const one of setup.copies) await copyIn(one.from, path(one.to), context);
    return await work(stage);
  } finally {
    // After a cancellation the machine is given up, or somebody waits for the prompt.
    const folders = [own, ...(setup.folder !== undefined && setup.cleanFolder ? [setup.folder] : [])];
    const signal = AbortSignal.timeout(cleaningTime);
    await context.guest
      .exec({ command: posixCommand(withRights, 'rm -rf "$@"', ...folders), signal })
      .catch(() => {}); // a broken connection is reported by what it broke
  }
}

/** In milliseconds. */
const cleaningTime = 20_000;

/** `$1` is a script, and the rest are its arguments from `$1` on. Root, or who may, does it as root. */
const withRights =
  'script=$1; shift; if [ "$(id -u)" = 0 ] || ! sudo -n true 2>/dev/null; then sh -c "$script" sh "$@"; else sudo -n sh -c "$script" sh "$@"; fi';

async function mustBecomeRoot(context: StepContext): Promise<void> {
  const exit = await context.guest.exec({
    command: posixCommand('[ "$(id -u)" = 0 ] || sudo -n true'),
    signal: context.signal,
  });
  if (exit.kind === 'disconnected') throw broke();
  if (codeOf(exit) === 0) return;
  throw new KilnError('step-failed', 'the user that is logged in cannot become root without a password', {
    hint: 'install sudo in the machine, and allow the user everything with NOPASSWD',
  });
}

/** Makes a folder that the login user can write to. `$1` */
const makeFolder = `mkdir -p "$1" 2>/dev/null && [ -w "$1" ] || {
  sudo -n mkdir -p "$1" && sudo -n chown "$(id -u):$(id -g)" "$1"
}`;

async function copyIn(from: string, to: string, context: StepContext): Promise<void> {
  const { guest, signal } = context;
  if (await isFolder(from)) {
    await mustSucceed(context, makeFolder, to);
    await guest.uploadTree(`${from.replace(/\/+$/, '')}/`, to, { signal });
  } else {
    await mustSucceed(context, makeFolder, guestFolder(to));
    await guest.upload({ from: { kind: 'file', path: from }, to, signal });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
    throw new KilnError('file-missing', `there is no ${path}, which the machine needs`, { cause: error });
  }
}

/** Programs of tools that bring their own folders, at their usual places. */
const searchPath = [
  '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  '/opt/puppetlabs/bin',
  '/opt/chef/bin',
  '/opt/cinc/bin',
  '/opt/chef-workstation/bin',
].join(':');

const prelude = `PATH="$PATH:${searchPath}"\nexport PATH\n`;

async function runScript(
  script: string,
  folder: string,
  context: StepContext,
  asRoot: boolean,
  { onLine }: StageRun,
): Promise<number> {
  const path = joinGuestPath(folder, `script-${randomBytes(4).toString('hex')}.sh`);
  const command = asRoot
    ? posixCommand('if [ "$(id -u)" = 0 ]; then exec sh "$1"; fi; exec sudo -n -H sh "$1"', path)
    : posixCommand('exec sh "$1"', path);
  const exit = await runUploadedScript(
    { bytes: Buffer.from(`${prelude}${script}\n`), path, command, remove: true },
    onLine ? { ...context, output: onLine } : context,
  );
  if (exit.kind === 'disconnected') throw broke();
  return codeOf(exit);
}

async function ask(script: string, context: StepContext): Promise<string | undefined> {
  const lines: string[] = [];
  const exit = await context.guest.exec({
    command: posixCommand(`${prelude}${script}`),
    onLine: (line, stream) => {
      if (stream === 'stdout') lines.push(line);
    },
    signal: context.signal,
  });
  if (exit.kind === 'disconnected') throw broke();
  return codeOf(exit) === 0 ? lines.join('\n').trim() : undefined;
}

async function mustSucceed(context: StepContext, script: string, ...args: readonly string[]): Promise<void> {
  const complaints: string[] = [];
  const exit = await context.guest.exec({
    command: posixCommand(script, ...args),
    onLine: (line) => complaints.push(line),
    signal: context.signal,
  });
  if (exit.kind === 'disconnected') throw broke();
  if (codeOf(exit) === 0) return;
  const words = complaints.join('; ') || 'the machine did not say why';
  throw new KilnError('step-failed', `${args[0]} cannot be written in the machine: ${words}`);
}

function broke(): KilnError {
  return new KilnError('guest-disconnected', 'the connection broke while the step was at work');
}
