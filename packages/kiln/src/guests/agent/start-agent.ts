import { KilnError } from '../../base/errors.ts';
import type { Guest } from '../guest.ts';
import { shellQuote } from '../shell-quote.ts';
import { agentScript } from './agent-script.ts';

/** Run by the login user. What belongs to the connection and not to the user is not handed on. */
const start = `
unset SSH_CLIENT SSH_CONNECTION SSH_TTY SSH_AUTH_SOCK XDG_SESSION_ID PWD OLDPWD SHLVL _
if [ "$(id -u)" = 0 ]; then as_root=; else as_root='sudo -n'; fi
exec $as_root sh -c "$1" sh "umask $(umask)
$(export -p)" "$(id -un)" "$(id -u)" "$(id -g)"
`;

/** Run as root, with the agent's script as input. It waits for nothing: whether the agent answers is for others to see. */
const asRoot = `
umask 077
mkdir -p /run/kiln || exit 1
chmod 755 /run/kiln
printf '%s\\n' "$1" >/run/kiln/login-env
umask 022
rm -f /run/kiln/agent
cat >/run/kiln/agent
[ -d /sys/class/virtio-ports ] || modprobe virtio_console 2>/dev/null
[ -d /sys/class/virtio-ports ] || { echo "the machine has no driver for virtio-serial" >&2; exit 1; }
cd /
set -- env -i PATH="$PATH" sh /run/kiln/agent /run/kiln/login-env "$2" "$3" "$4" ~root
if setsid --fork true 2>/dev/null; then
  setsid --fork "$@" </dev/null >/dev/null 2>&1
else
  "$@" </dev/null >/dev/null 2>&1 &
fi
`;

/** The line of the login user's shell that starts the agent. Its input is the agent's script. */
export const agentStart = ['sh', '-c', start, 'sh', asRoot].map(shellQuote).join(' ');

/**
 * Starts the agent over another connection; one that runs already stays. Nothing is installed: its script lies in
 * `/run` until the machine boots again.
 * @throws KilnError `unsupported` with the reason when the machine cannot have one: no root rights without a password,
 *   no `sh`, no driver
 */
export async function startAgent(guest: Guest, signal?: AbortSignal): Promise<void> {
  const words: string[] = [];
  const exit = await guest.exec({
    command: agentStart,
    input: agentScript,
    onLine: (line) => words.length < 100 && words.push(line.slice(0, 200)),
    ...(signal ? { signal } : {}),
  });
  if (exit.kind === 'exited' && exit.code === 0) return;
  const why = words.slice(-3).join('; ') || `it ended with ${exit.kind === 'exited' ? exit.code : exit.kind}`;
  throw new KilnError('unsupported', `the machine cannot run Kiln's agent: ${why}`);
}
