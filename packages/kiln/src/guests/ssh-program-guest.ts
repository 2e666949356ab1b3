import { join } from 'node:path';
import { run } from '../base/processes.ts';
import { ProgramGuest, throughProgram } from './program-guest.ts';

export interface SshTarget {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/**
 * A machine that others look after, through the ssh program: the user's settings, keys and known hosts count, and
 * nothing is asked.
 * @param scratch a private folder for the socket by which commands share one connection
 */
export function sshProgramGuest(target: SshTarget, scratch: string): ProgramGuest {
  const socket = join(scratch, 'ssh');
  const options = sshArguments(target, socket);
  return new ProgramGuest({
    kind: 'ssh',
    start: throughProgram((command) => ['ssh', [...options, '--', target.host, command]], process.env),
    // ssh(1): its own word for a connection that broke.
    isThere: (exit) => exit.kind !== 'exited' || exit.code !== 255,
    close: async () => {
      await run('ssh', [...options, '-O', 'exit', '--', target.host]);
    },
    closedMessage: 'the connection to the machine was closed',
  });
}

function sshArguments({ user, port }: SshTarget, socket: string): readonly string[] {
  // OpenSSH appends 17 characters while it makes the socket, and paths of sockets are short.
  const isShort = socket.length + 17 <= 103 && !/[\s%"]/.test(socket);
  const sharing = isShort
    ? ['-o', 'ControlMaster=auto', '-o', `ControlPath=${socket}`, '-o', 'ControlPersist=60']
    : [];
  return [
    ...['-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=30', '-o', 'LogLevel=ERROR'],
    ...['-o', 'ServerAliveInterval=15'],
    ...sharing,
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
  ];
}
