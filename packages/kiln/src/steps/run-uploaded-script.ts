import { randomBytes } from 'node:crypto';
import { KilnError } from '../base/errors.ts';
import type { GuestExit } from '../guests/guest.ts';
import { guestPath } from '../guests/guest-path.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { StepContext } from './step-context.ts';

export interface UploadedScript {
  readonly bytes: Buffer;
  /** Where the machine keeps it while it runs. */
  readonly path: string;
  /** The line for the login shell that runs it. */
  readonly command: string;
  /** Remove it afterwards. */
  readonly remove: boolean;
}

/**
 * Copies a script into the machine, makes it executable, runs it and removes it. All of that goes through one
 * session where the login shell is a POSIX one: sessions are what is slow on a slow machine. The command itself is
 * run by the login shell as it is, with an empty input, as if it had been sent alone.
 * @throws KilnError `guest-disconnected` when the connection broke before the script was started
 */
export async function runUploadedScript(script: UploadedScript, context: StepContext): Promise<GuestExit> {
  // On a terminal the script's bytes could not be sent as input.
  if (context.guest.terminal) return await inSeparateSessions(script, context);
  const started = `started-${randomBytes(8).toString('hex')}`;
  const path = shellQuote(guestPath(script.path));
  const remove = script.remove ? `kiln_code=$?; rm -f ${path}; exit $kiln_code` : 'exit $?';
  // The line breaks keep a comment or a here-document of the command from swallowing what follows. A shell that
  // is no POSIX shell stumbles over the parenthesis before it does anything.
  const command =
    `cat >${path} && chmod 0755 ${path} && echo ${started} $$ >&2 || exit 1; (\n` +
    `${script.command}\n); ${remove}`;
  let group: string | undefined;
  // The two streams may overtake each other: what comes before the mark may be the script's already.
  const early: (readonly [line: string, stream: 'stdout' | 'stderr'])[] = [];
  const running = context.guest.exec({
    command,
    input: script.bytes,
    onLine: (line, stream) => {
      if (stream === 'stderr' && line.startsWith(started)) {
        group = line.slice(started.length).trim();
        for (const one of early.splice(0)) context.output(...one);
      } else if (group !== undefined) context.output(line, stream);
      else early.push([line, stream]);
    },
    signal: context.signal,
  });
  const exit = await running.catch(async (error: unknown) => {
    if (group !== undefined && context.signal.aborted) await endInMachine(context, group);
    throw error;
  });
  if (group !== undefined) return exit;
  if (exit.kind === 'disconnected') throw notStarted();
  return await inSeparateSessions(script, context);
}

/** The same in steps that need nothing of the login shell, and say what went wrong in words. */
async function inSeparateSessions(script: UploadedScript, context: StepContext): Promise<GuestExit> {
  const { guest, signal, output } = context;
  const path = shellQuote(guestPath(script.path));
  await guest.upload({
    from: { kind: 'bytes', bytes: script.bytes },
    to: script.path,
    mode: 0o755,
    signal,
  });
  const exit = await guest.exec({ command: script.command, onLine: output, signal });
  if (script.remove && exit.kind !== 'disconnected') await guest.exec({ command: `rm -f ${path}`, signal });
  return exit;
}

/** How long a machine may take to end a script that nobody waits for any more. */
const patience = 3000;

/**
 * Ends a cancelled script with everything it has started: closing its session does not, and a second attempt must
 * not meet the first. Its login shell leads a process group of its own. A machine that does not answer is let be.
 */
async function endInMachine({ guest }: StepContext, group: string): Promise<void> {
  if (!/^\d+$/.test(group)) return;
  const kill = `kill -TERM -- -${group}`;
  const command = `${kill} 2>/dev/null || sudo -n ${kill} 2>/dev/null`;
  await guest.exec({ command, signal: AbortSignal.timeout(patience) }).catch(() => {});
}

function notStarted(): KilnError {
  return new KilnError('guest-disconnected', 'the connection broke before the script was started');
}
