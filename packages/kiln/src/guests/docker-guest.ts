import { run } from '../base/processes.ts';
import { systemPath } from './chroot/sandbox-script.ts';
import { ProgramGuest, throughProgram } from './program-guest.ts';

/** Name of the variable by which what a command has started is found again in the container. */
const mark = 'KILN_COMMAND';

/** A container that runs, through the docker program; commands run as its root. Closing it leaves it as it is. */
export function dockerGuest(container: string): ProgramGuest {
  return new ProgramGuest({
    kind: 'container',
    start: throughProgram(
      (command, id) => [
        'docker',
        [
          ...['exec', '--interactive', '--user', '0', '--env', `${mark}=${id}`],
          ...['--env', `PATH=${systemPath}`, '--env', 'HOME=/root'],
          ...[container, '/bin/sh', '-c', 'cd "$HOME" 2>/dev/null; exec /bin/sh -c "$1"', 'sh', command],
        ],
      ],
      process.env,
    ),
    // docker(1) ends so when it could not run anything.
    isThere: (exit) => exit.kind !== 'exited' || exit.code !== 125,
    stop: async (id) => {
      await run('docker', ['exec', '--user', '0', container, '/bin/sh', '-c', stopScript, 'sh', id]);
    },
    close: async () => {},
    closedMessage: 'the container was let go of',
  });
}

/** The end of `docker exec` is not that of what it has started. */
const stopScript = `
for process in /proc/[0-9]*; do
  if tr '\\0' '\\n' <"$process/environ" 2>/dev/null | grep -qx "${mark}=$1"; then kill -TERM "\${process#/proc/}"; fi
done`;
