/** Scripts of the profile, which run as if somebody had logged in as root. */
export const scriptLibrary = `
# run_script CONTENT INTERPRETER [ARGUMENT]
run_script() {
  content=$1
  shift
  rm -f "$work/changed"
  "content_$content" >"$work/script" || fail 'the script could not be written' || return
  (
    cd /root 2>/dev/null || cd /
    unset LC_ALL token payload
    LANG=C.UTF-8 HOME=/root USER=root LOGNAME=root SHELL=/bin/sh KILN_CHANGED=$work/changed
    export LANG HOME USER LOGNAME SHELL KILN_CHANGED
    exec "$@" "$work/script"
  )
  code=$?
  rm -f "$work/script"
  [ "$code" = 0 ] || fail "it ended with $code"
}

# has_nothing_to_do UNLESS CREATES: the content of a command, a path; each may be empty
has_nothing_to_do() {
  if [ -n "$2" ] && { [ -e "$2" ] || [ -L "$2" ]; }; then return 0; fi
  [ -n "$1" ] || return 1
  "content_$1" >"$work/unless" && (cd / && unset LC_ALL && exec /bin/sh "$work/unless") >/dev/null 2>&1
}

# script CONTENT UNLESS CREATES INTERPRETER [ARGUMENT]
script() {
  has_nothing_to_do "$2" "$3" && return
  differs run yes no
  changing || return 0
  creates=$3
  content_id=$1
  shift 3
  run_script "$content_id" "$@" || return
  [ -z "$creates" ] || [ -e "$creates" ] || fail "it ended well, but $creates is not there"
}

# always CONTENT INTERPRETER [ARGUMENT]: a script says itself that it has changed something, by making $KILN_CHANGED
always() {
  [ "$mode" = apply ] || return 0
  run_script "$@" || return
  [ ! -e "$work/changed" ] || differs run yes no
}

first_boot_done=/var/lib/kiln/first-boot

# at_first_boot NAME ID-OF-WRAPPER DIGEST SIZE: on a machine that runs now, elsewhere when it starts for the first time
at_first_boot() {
  if [ -e "$first_boot_done/$1" ]; then return; fi
  if [ "$booted" = no ]; then
    part file "$2" "/usr/local/lib/kiln/first-boot.d/$1" "$3" "$4" 700 0 0 no
    return
  fi
  differs run yes no
  changing || return 0
  run_script "$2" /bin/sh || return
  make_folders "$first_boot_done" && enter "$first_boot_done" && : >"./$1"
}
`;
