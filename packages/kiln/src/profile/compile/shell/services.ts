const toCome = `
# to_come MESSAGE ENABLED MASKED: what is not there may come with something else that a check has found missing
to_come() {
  if [ "$mode" = apply ] || [ "$count_changed" = 0 ]; then
    fail "$1"
    return
  fi
  case $2$3 in
    *yes) if [ "$3" = yes ]; then differs state masked 'not there'; else differs state enabled 'not there'; fi ;;
  esac
}
`;

/** Units of systemd, in a system that runs or in a tree; services of OpenRC. */
export const systemdLibrary = `${toCome}
reload_units=no

unit_state() {
  STATE=$(systemctl is-enabled "$1" 2>/dev/null)
  STATE=\${STATE%%"$newline"*}
  case $STATE in '' | Failed*) STATE=not-found ;; esac
}

# service NAME ENABLED MASKED RUNNING RESTART: each yes, no, or empty for leaving it. RUNNING has "maybe" in front when
# it only follows from ENABLED. RESTART is yes when something that it uses has changed.
service() {
  if ! command -v systemctl >/dev/null 2>&1; then
    to_come 'there is no systemd here' "$2" "$3"
    return
  fi
  if [ "$reload_units" = yes ] && [ "$booted" = yes ] && [ "$mode" = apply ]; then
    try systemctl daemon-reload || return
    reload_units=no
  fi
  unit_state "$1"
  if [ "$3" = yes ]; then
    part service_mask "$1" || return
  else
    [ "$3" != no ] || part service_unmask "$1" || return
    [ -z "$2" ] || part service_enable "$1" "$2" || return
  fi
  [ "$booted" = yes ] && [ -d /run/systemd/system ] || return 0
  part service_run "$1" "$4" "$5"
}

service_mask() {
  case $STATE in masked*) return 0 ;; esac
  differs state masked "$STATE"
  changing || return 0
  try systemctl mask "$1"
}

service_unmask() {
  case $STATE in masked*) ;; *) return 0 ;; esac
  differs masked no yes
  if changing; then
    try systemctl unmask "$1" || return
    unit_state "$1"
  else
    STATE=unmasked
  fi
}

service_enable() {
  case $STATE in
    not-found)
      [ "$2" = no ] || to_come "there is no unit $1" yes ''
      return
      ;;
    masked*) [ "$2" = no ] || fail "$1 is masked: say \\"masked: false\\" to allow it" || return ;;
  esac
  if [ "$2" = yes ]; then
    case $STATE in enabled* | alias | static | generated | transient | indirect) return 0 ;; esac
    differs state enabled "$STATE"
    changing || return 0
    try systemctl enable "$1"
  else
    case $STATE in enabled* | linked*) ;; *) return 0 ;; esac
    differs state disabled "$STATE"
    changing || return 0
    try systemctl disable "$1"
  fi
}

# service_run NAME RUNNING RESTART
service_run() {
  [ -n "$2$3" ] || return 0
  ACTIVE=
  TYPE=
  CONDITION=
  ASKED=0
  while IFS== read -r key value; do
    case $key in
      ActiveState) ACTIVE=$value ;;
      Type) TYPE=$value ;;
      ConditionResult) CONDITION=$value ;;
      ConditionTimestampMonotonic) ASKED=$value ;;
    esac
  done <<END
$(systemctl show -p ActiveState,Type,ConditionResult,ConditionTimestampMonotonic "$1" 2>/dev/null)
END
  case $ACTIVE in active | activating | reloading) runs=yes ;; *) runs=no ;; esac
  case $2 in
    yes) [ "$runs" = yes ] || differs running yes "\${ACTIVE:-no}" ;;
    maybe-yes)
      # A job that has done its work, or that was found to have none here, is as it should be.
      if [ "$CONDITION" = no ] && [ "$ASKED" != 0 ]; then TYPE=oneshot; fi
      [ "$runs" = yes ] || [ "$TYPE" = oneshot ] || differs running yes "\${ACTIVE:-no}"
      ;;
    no | maybe-no) [ "$runs" = no ] || differs running no "$ACTIVE" ;;
  esac
  if [ "$dirty" = yes ]; then
    changing || return 0
    case $2 in
      *yes) try systemctl start "$1" ;;
      *) try systemctl stop "$1" ;;
    esac
  elif [ "$3" = yes ] && [ "$runs" = yes ]; then
    differs 'configuration in use' 'the present one' 'an older one'
    changing || return 0
    try systemctl restart "$1"
  fi
}
`;

export const openrcLibrary = `${toCome}
# service NAME ENABLED MASKED RUNNING RESTART
service() {
  if ! command -v rc-update >/dev/null 2>&1; then
    to_come 'there is no OpenRC here' "$2" ''
    return
  fi
  level=
  for one in sysinit boot default nonetwork; do
    [ ! -e "/etc/runlevels/$one/$1" ] || level="$level $one"
  done
  [ -z "$2" ] || part service_enable "$1" "$2" || return
  [ "$booted" = yes ] && [ -e /run/openrc/softlevel ] || return 0
  part service_run "$1" "$4" "$5"
}

service_enable() {
  if [ "$2" = yes ]; then
    [ -z "$level" ] || return 0
    if [ ! -e "/etc/init.d/$1" ]; then
      to_come "there is no service $1" yes ''
      return
    fi
    differs state enabled disabled
    changing || return 0
    try rc-update add "$1" default
  else
    [ -n "$level" ] || return 0
    differs state disabled "enabled in$level"
    changing || return 0
    try rc-update --all delete "$1"
  fi
}

service_run() {
  [ -n "$2$3" ] || return 0
  if rc-service "$1" status >/dev/null 2>&1; then runs=yes; else runs=no; fi
  case $2 in
    *yes) [ "$runs" = yes ] || differs running yes no ;;
    *no) [ "$runs" = no ] || differs running no yes ;;
  esac
  if [ "$dirty" = yes ]; then
    changing || return 0
    case $2 in
      *yes) try rc-service "$1" start ;;
      *) try rc-service "$1" stop ;;
    esac
  elif [ "$3" = yes ] && [ "$runs" = yes ]; then
    differs 'configuration in use' 'the present one' 'an older one'
    changing || return 0
    try rc-service "$1" restart
  fi
}
`;
