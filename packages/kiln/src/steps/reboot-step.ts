import { sleep, throwIfCancelled } from '../base/cancellation.ts';
import { formatDuration } from '../base/durations.ts';
import { KilnError } from '../base/errors.ts';
import { posixCommand } from '../guests/guest-path.ts';
import type { RebootStep } from '../plan/reboot-step.ts';
import { codeOf } from './exit-code.ts';
import type { StepContext, StepRunner } from './step-context.ts';

/**
 * Restarts the machine and waits until it answers out of another boot of its kernel, which has an id of its own
 * (random(4)): a system that is still going down is not taken for the new one.
 * @throws KilnError `step-timeout`, `step-failed`, `unsupported`, `cancelled`
 */
export const runRebootStep: StepRunner<RebootStep> = async (step, context) => {
  if (context.guest.kind === 'chroot') {
    throw new KilnError('unsupported', 'a tree of files has no machine that could be restarted', {
      hint: 'take the step out, or build with qemu',
    });
  }
  const before = await bootId(context);
  if (before === undefined)
    throw new KilnError('step-failed', 'the machine does not tell which boot of its kernel this is');
  context.say('Restarting the machine');
  const deadline = performance.now() + step.patience;
  await orderRestart(context);
  await sleep(timeToGoDown, context.signal);
  for (let wasAway = false; ; ) {
    throwIfCancelled(context.signal);
    const left = Math.max(interval, deadline - performance.now());
    const now = await bootId(context, Math.min(left, wasAway ? patienceAfter : patienceBefore));
    wasAway ||= now === undefined;
    if (now !== undefined && now !== before) break;
    if (performance.now() >= deadline) {
      throw new KilnError(
        'step-timeout',
        `the machine did not come back within ${formatDuration(step.patience)}`,
        { ...(step.at ? { at: step.at } : {}) },
      );
    }
    await sleep(interval, context.signal);
  }
  await context.restarted?.();
  context.say('The machine is back');
};

/** No machine is back sooner, in milliseconds. */
const timeToGoDown = 3000;
/** In milliseconds. */
const interval = 500;
/** A machine that goes down may leave a question without an answer for as long as it likes, in milliseconds. */
const patienceBefore = 15_000;
/** One that comes up needs its time to let somebody in. */
const patienceAfter = 120_000;

/**
 * After the answer has left the machine, so that nobody waits for one that cannot come. Kiln's agent (guests/agent) ends
 * first: what it is asked while sessions end would be new to systemd, which waits one and a half minutes for such.
 */
const restart = `order='sleep 1
for process in /proc/[0-9]*; do
  case "$(tr "\\\\0" " " <"$process/cmdline" 2>/dev/null)" in
    "sh /run/kiln/agent "*) kill -s KILL "\${process#/proc/}" ;;
  esac
done
if command -v systemctl >/dev/null 2>&1; then systemctl reboot; else reboot; fi'
if [ "$(id -u)" = 0 ]; then set -- sh -c "$order"; else sudo -n true || exit 1; set -- sudo -n sh -c "$order"; fi
nohup "$@" >/dev/null 2>&1 </dev/null &`;

async function orderRestart(context: StepContext): Promise<void> {
  const complaints: string[] = [];
  const exit = await context.guest.exec({
    command: posixCommand(restart),
    onLine: (line) => complaints.push(line),
    signal: context.signal,
  });
  if (exit.kind === 'disconnected' || codeOf(exit) === 0) return;
  throw new KilnError('step-failed', `the machine cannot be restarted: ${complaints.join('; ')}`, {
    hint: 'the user that is logged in must be root, or able to sudo without a password',
  });
}

/** Undefined when nobody answers now. */
async function bootId(context: StepContext, patience = patienceBefore): Promise<string | undefined> {
  const lines: string[] = [];
  try {
    const exit = await context.guest.exec({
      command: 'cat /proc/sys/kernel/random/boot_id',
      onLine: (line, stream) => {
        if (stream === 'stdout') lines.push(line.trim());
      },
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(Math.round(patience))]),
    });
    return exit.kind === 'exited' && exit.code === 0 ? lines[0] : undefined;
  } catch (error) {
    throwIfCancelled(context.signal);
    const isAway = error instanceof KilnError && away.includes(error.code);
    if (!isAway) throw error;
    return undefined;
  }
}

/** What calls to a machine that is restarting fail with; `cancelled` is our own patience. */
const away = ['guest-disconnected', 'guest-unreachable', 'guest-login-refused', 'cancelled'];
