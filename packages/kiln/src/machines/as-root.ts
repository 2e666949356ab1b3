import { posixCommand } from '../guests/guest-path.ts';

/** Runs its arguments as root, by sudo where that is needed. */
const becomeRoot = 'if [ "$(id -u)" = 0 ]; then exec "$@"; else exec sudo -n "$@"; fi';

/** One line for a guest's shell that runs a POSIX script as root, with arguments. */
export function rootCommand(script: string, ...args: readonly string[]): string {
  return posixCommand(becomeRoot, '/bin/sh', '-c', script, 'sh', ...args);
}

const asRootFor =
  'h=$HOME u=$(id -u) g=$(id -g); if [ "$u" = 0 ]; then r=; else r="sudo -n"; fi; s=$1; shift; exec $r /bin/sh -c "$s" sh "$h" "$u" "$g" "$@"';

/** The same, where the script's first three arguments are the home folder and the ids of the user that logs in. */
export function rootCommandForUser(script: string, ...args: readonly string[]): string {
  return posixCommand(asRootFor, script, ...args);
}
