/** How many commands the agent runs at the same time: first those of the login user, then root's. */
export const slotsOf = { login: [0, 1, 2, 3], root: [4, 5] } as const;
export const agentSlots = slotsOf.login.length + slotsOf.root.length;

/** The four ports of a slot: what wakes it, input, output with control, complaints with marks. */
export const agentPorts = ['b', 'i', 'o', 'e'] as const;
export type AgentPort = (typeof agentPorts)[number];

/** Name by which the guest finds a port (`/sys/class/virtio-ports/…/name`). */
export function portName(slot: number, port: AgentPort): string {
  return `kiln.${slot}.${port}`;
}

/**
 * What serves a slot: `session`, again and again. Descriptors 9, 3 and 4 are its ports `b`, `o` and `e`, which stay open;
 * `$i` is the path of the input's, and `$new_session` what runs `program`, in a session of its own. POSIX sh with `cat`, and `setsid` where there is one. Each session is (`<` from the host):
 *
 *     b <  TOKEN                      the host is on its way
 *     e >  mark r                     ready
 *     o <  TOKEN INPUT HOW LINES      the command follows in so many lines; INPUT is 1 when there will be any
 *     o >  mark b      e > mark b     output begins; what came before belongs to an earlier session
 *     e >  mark x CODE                the command has ended; what it left behind may hold its output open
 *     o <  kill SIGNAL, cut           signal the command's session; give up what holds the output open
 *     o >  mark e      e > mark e     all output was sent
 *     o <  bye
 *
 * HOW is `shell` for a line of the user's shell, `words` for a program and its arguments, quoted, and `inline` for a
 * script that the slot's own shell runs, which no list of processes shows.
 *
 * A mark is the byte 255 and the token, which no command is told: the streams between marks are raw. To a mark that is
 * not its own the host answers `no`: that session's host has died, and the next one's turn comes. A host that hangs up
 * without `bye` is dead or has lost its patience, and the command ends with it. Writing to a port waits for the host;
 * reading does not, and a port tells a little later than the bell that the host is there.
 *
 * All processes of a session but the command are there before it begins, since making them is what takes time. Nothing
 * is started with `&`: what is ignores SIGINT for good (POSIX, 2.11). They are pipelines instead, and tell their pids
 * through descriptor 7, whose end is that of all output.
 */
export const slotScript = String.raw`
note() { read -r self rest </proc/self/stat; echo "$1 $self" >&7; }

# Waits for a session; goes on with its command.
request() {
  while read -r token <&9; do
    mark=$byte$token
    printf '%s r\n' "$mark" >&4
    tries=0
    until IFS=' ' read -r word input how lines <&3; do
      tries=$((tries + 1))
      [ $tries -gt 220 ] && continue 2
      [ $tries -gt 200 ] && sleep 0.05
    done
    [ "$word" = "$token" ] || continue
    IFS= read -r command <&3
    while [ "$lines" -gt 1 ]; do
      IFS= read -r line <&3 || continue 2
      command="$command
$line"
      lines=$((lines - 1))
    done
    return 0
  done
  # Without a bell there is nothing to do, and no hurry to do it again.
  sleep 1
  exit 0
}

# Its session's signals are for the command; a handler, unlike being ignored, ends with exec.
stay() { trap : HUP INT QUIT TERM USR1 USR2; }

start() {
  case $how in
    words) eval "exec $command" ;;
    inline) eval "$command" ;;
    *) exec "$SHELL" -c "$command" ;;
  esac
}

run() {
  # What this shell itself has to say of a command's end is not for the command's stderr.
  exec 8>&2 2>/dev/null
  ( note c; exec 2>&8 3>&- 4>&- 5<&- 7>&- 8>&- 9<&-; start )
  code=$?
  exec 2>&8 8>&-
  printf '%s x %s\n' "$mark" "$code" >&4
}

program() {
  byte=$(printf '\377')
  note p
  # Until there is a command, signals are for this shell: a machine that shuts down waits long for one that stays.
  request
  stay
  echo "mark $mark" >&7
  printf '%s b\n' "$mark" >&3
  printf '%s b\n' "$mark" >&4
  if [ "$input" = 1 ]; then
    exec 5<"$i"
    { note i; exec cat <&5 2>/dev/null 3>&- 4>&- 7>&- 9<&-; } | { stay; note r; run; }
  else
    run </dev/null
  fi
}

pump() { note "$1"; exec cat 9<&-; }

# Hands on who is there, and tells of the end of all output.
finish() {
  note f
  while read -r name value; do
    [ "$name" = mark ] && mark=$value
    [ "$name" = mark ] || echo "$name $value" >&8
  done
  printf '%s e\n' "$mark" >&3
  printf '%s e\n' "$mark" >&4
}

control() {
  i_pid= r_pid=
  while read -r name pid; do
    eval "$name""_pid=\$pid"
    [ "$name" = c ] && break
  done
  while read -r word arg <&3; do
    case $word in
      kill) kill -s "$arg" -- "-$p_pid" || kill -s "$arg" "$c_pid" ;;
      cut) kill "$o_pid" "$e_pid" ;;
      bye) exit 0 ;;
      *) break ;;
    esac
  done
  kill "$f_pid"
  kill -s TERM -- "-$p_pid" || kill -s TERM "$c_pid"
  kill -s KILL "$p_pid" $r_pid
  kill "$o_pid" "$e_pid" $i_pid
  # Its end takes a moment, and a slow one is helped along.
  for pause in 0.05 0.2 1 1; do
    kill -0 "$c_pid" || exit 0
    sleep $pause
  done
  kill -s KILL -- "-$p_pid" || kill -s KILL "$c_pid"
}

session() {
  { { { $new_session 2>&1 >&6 6>&- | pump e >&4 6>&-; } 6>&1 | pump o >&3; } 7>&1 | finish 7>&1 8>&1; } | control 2>/dev/null
}
`;

/**
 * The whole agent. As root, `sh agent FILE USER UID GID HOME`: FILE has the environment of the login user, and the rest
 * is who that is. It finds the ports by what the kernel calls them, starts a shell for each slot, and ends where another
 * agent has the ports already.
 */
export const agentScript = String.raw`
${slotScript}
case $1 in
  slot)
    . "$2"
    exec 9<"$3" 3<>"$5" 4>"$6" || exit 1
    i=$4 new_session=program
    cd "$HOME" 2>/dev/null || cd /
    command -v setsid >/dev/null 2>&1 && new_session="setsid sh $0 program $i"
    while :; do session; done
    exit ;;
  program)
    i=$2
    program
    exit ;;
esac

login_env=$1 login=$2 uid=$3 gid=$4 root_home=$5
root_env=$login_env-root
cat >"$root_env" <<END
umask 022
export HOME='$root_home' USER=root LOGNAME=root SHELL=/bin/sh PATH='$PATH'
END
chown "$uid" "$login_env"
if [ "$uid" = 0 ]; then switch= root_env=$login_env
elif setpriv --reuid="$uid" --regid="$gid" --init-groups true 2>/dev/null; then
  switch="setpriv --reuid=$uid --regid=$gid --init-groups"
else switch=su; fi

cd /sys/class/virtio-ports || exit 1
for port in *; do
  IFS=. read -r owner slot kind <"$port/name" || continue
  [ "$owner" = kiln ] && eval "port_$slot$kind=/dev/$port"
done
cd /

slot() {
  eval "ports=\"\$port_$1""b \$port_$1""i \$port_$1""o \$port_$1""e\""
  if [ "$2" = root ] || [ "$uid" = 0 ]; then exec sh "$0" slot "$root_env" $ports; fi
  chown "$uid" $ports
  if [ "$switch" = su ]; then exec su -s /bin/sh "$login" -c "exec sh '$0' slot '$login_env' $ports"; fi
  exec $switch sh "$0" slot "$login_env" $ports
}

${[
  ...slotsOf.login.map((slot) => `slot ${slot} login </dev/null`),
  ...slotsOf.root.map((slot) => `slot ${slot} root </dev/null`),
].join(' | ')}
`;
