import { posixCommand } from '../guests/guest-path.ts';

/** Who runs this is looked up without starting a program, which takes its time in an emulated machine (proc(5)). */
const whoAmI = 'while read -r k u r; do [ "$k" = Uid: ] && break; done </proc/self/status';

/** Runs its arguments as root, by sudo where that is needed. */
const becomeRoot = `${whoAmI}; if [ "$u" = 0 ]; then exec "$@"; else exec sudo -n "$@"; fi`;

/** One line for a guest's shell that runs a POSIX script as root, with arguments. */
export function rootCommand(script: string, ...args: readonly string[]): string {
  return posixCommand(becomeRoot, '/bin/sh', '-c', script, 'sh', ...args);
}
