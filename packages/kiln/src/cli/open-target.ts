import { cancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import { run } from '../base/processes.ts';
import type { GuestCommand, GuestExit } from '../guests/guest.ts';
import type { CommandRunner } from '../profile/inventory/guest-system.ts';
import type { MachineTarget } from './machine-target.ts';

type ProgramTarget = Extract<MachineTarget, { kind: 'ssh' | 'docker' }>;

/**
 * Runs commands in a machine that others look after, through the programs that people reach it with: their settings,
 * keys and known hosts count. Nothing is asked: a login that takes a password is refused.
 * @throws KilnError `tool-missing`, `guest-unreachable`, `guest-login-refused`, `not-found`, `cancelled`
 */
export async function openTarget(
  target: ProgramTarget,
  signal: AbortSignal,
): Promise<{ readonly runner: CommandRunner; readonly description: string }> {
  const description = describeTarget(target);
  const runner: CommandRunner = { exec: (command) => execIn(target, command) };
  const words: string[] = [];
  const exit = await runner.exec({
    command: 'true',
    signal,
    onLine: (line, stream) => void (stream === 'stderr' && words.push(line)),
  });
  if (exit.kind === 'exited' && exit.code === 0) return { runner, description };
  throw refusal(target, description, words.join('\n').trim());
}

export function describeTarget(target: ProgramTarget): string {
  if (target.kind === 'docker') return `the container ${target.container}`;
  return `${target.user === undefined ? '' : `${target.user}@`}${target.host}`;
}

async function execIn(
  target: ProgramTarget,
  { command, input, onLine, signal }: GuestCommand,
): Promise<GuestExit> {
  const [program, args] = commandLine(target, command);
  const { code } = await run(program, args, {
    input: input === undefined ? '' : Buffer.from(input),
    ...(onLine ? { onLine } : {}),
    ...(signal ? { signal } : {}),
  });
  if (signal?.aborted) throw cancelled();
  // ssh(1): 255 is its own word for a connection that broke.
  return target.kind === 'ssh' && code === 255 ? { kind: 'disconnected' } : { kind: 'exited', code };
}

function commandLine(target: ProgramTarget, command: string): [program: string, args: string[]] {
  if (target.kind === 'docker') return ['docker', ['exec', '-i', target.container, 'sh', '-c', command]];
  const { host, user, port } = target;
  return [
    'ssh',
    [
      ...['-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=30', '-o', 'LogLevel=ERROR'],
      ...(port === undefined ? [] : ['-p', String(port)]),
      ...(user === undefined ? [] : ['-l', user]),
      ...['--', host, command],
    ],
  ];
}

/** Why the first command in a target did not work, from what the program said. */
export function refusal(target: ProgramTarget, description: string, words: string): KilnError {
  const said = words === '' ? '' : `: ${words}`;
  if (target.kind === 'docker') {
    return new KilnError('not-found', `no command can be run in ${description}${said}`, {
      hint: 'the container has to run; `docker ps` lists those that do',
    });
  }
  if (/permission denied|host key verification failed/i.test(words)) {
    return new KilnError('guest-login-refused', `${description} refused the login${said}`, {
      hint: `log in once with \`ssh ${description}\`: keys, known hosts and ~/.ssh/config are those of the ssh program`,
    });
  }
  return new KilnError('guest-unreachable', `${description} cannot be reached${said}`, {
    hint: `try \`ssh ${description}\``,
  });
}
