import { randomBytes } from 'node:crypto';
import { KilnError } from '../base/errors.ts';
import type { Guest } from '../guests/guest.ts';
import { shellQuote } from '../guests/shell-quote.ts';

/** A machine's clock may be off by this many milliseconds after it was set: the way there takes time. */
const mostOff = 500;

/** Run as root: the first line of the input is random, and goes into the pool before anything is drawn from it. */
const reseed = [
  'IFS= read -r seed; printf %s "$seed" > /dev/urandom',
  // RNDRESEEDCRNG (random(4)): without it the kernel may go on with the old state for minutes.
  'if command -v perl >/dev/null 2>&1; then perl -e \'open F, "<", "/dev/urandom" and ioctl F, 0x5207, 0\'; fi',
].join('; ');

/**
 * Makes a machine that goes on from a saved memory one of its own: another random state than every other copy, and the
 * right time. Until now it believed that it was the moment of its saving.
 * @throws KilnError `guest-disconnected`, `step-failed` when the machine does not let itself be set right
 */
export async function refreshGuest(guest: Guest, signal: AbortSignal): Promise<void> {
  // Once with what the host's clock says, and again with what was found to be missing: every call takes its time.
  let correction = 0;
  for (let attempt = 0; attempt < 4; attempt++) {
    const wanted = ((Date.now() + correction) / 1000).toFixed(3);
    const script = `${reseed}; date -u -s @${wanted} >/dev/null; date +%s.%N`;
    const printed = await asRoot(guest, script, `${randomBytes(48).toString('base64')}\n`, signal);
    const off = Date.now() - Number(printed.replace('N', '0')) * 1000;
    if (Math.abs(off) <= mostOff) return;
    correction += off;
  }
}

/** Whether commands can be run as root: directly, or by sudo without a password. */
export async function canBecomeRoot(guest: Guest, signal: AbortSignal): Promise<boolean> {
  if (guest.kind === 'none') return false;
  const exit = await guest.exec({ command: 'test "$(id -u)" = 0 || sudo -n true 2>/dev/null', signal });
  return exit.kind === 'exited' && exit.code === 0;
}

/**
 * Brings everything that the machine has written onto its disk, and tells what a machine that boots from that disk
 * would lack: what lies in memory only, and is more than what every machine has there.
 */
export async function settleDisk(guest: Guest, signal: AbortSignal): Promise<readonly string[]> {
  const lines: string[] = [];
  const look = [
    'sync',
    // Debian's own cleaner empties /tmp at boot; systemd makes folders for X11 and for fonts there each time.
    'for d in /tmp /dev/shm; do ls -A "$d" 2>/dev/null | grep -v -e "^systemd-private-" -e "^\\.[A-Za-z0-9]*-unix$" | sed "s|^|$d/|"; done',
    'awk \'$1 ~ "^/dev/" && $2 != "/" { print "mounted on " $2 }\' /proc/mounts | grep -v -F -f /etc/fstab 2>/dev/null',
    'true',
  ].join('; ');
  const exit = await guest.exec({
    command: `sh -c ${shellQuote(look)}`,
    onLine: (line, stream) => stream === 'stdout' && lines.push(line),
    signal,
  });
  if (exit.kind === 'exited' && exit.code === 0) return lines.slice(0, 20);
  return ['its state, which could not be looked at'];
}

async function asRoot(guest: Guest, script: string, input: string, signal: AbortSignal): Promise<string> {
  const lines: string[] = [];
  const quoted = shellQuote(script);
  const exit = await guest.exec({
    command: `if [ "$(id -u)" = 0 ]; then sh -c ${quoted}; else sudo -n sh -c ${quoted}; fi`,
    input,
    onLine: (line) => lines.push(line),
    signal,
  });
  if (exit.kind === 'exited' && exit.code === 0) return lines.at(-1) ?? '';
  const words = lines.join('; ') || (exit.kind === 'exited' ? `exit code ${exit.code}` : exit.kind);
  throw new KilnError('step-failed', `the restored machine cannot be given its own time: ${words}`);
}
