/**
 * The start of every script: its arguments, where it runs, and how it tells what it does. For Kiln (KILN_REPORT is a
 * word that nobody else knows) a line of a report starts with that word; report.ts reads them. Else it is for people.
 *
 * Names in all capitals are what functions give back. No glob is ever expanded (`set -f`). Functions that change
 * something are only called when `changing` says so.
 */
export const coreLibrary = `
set -uf
umask 022
unset CDPATH ENV
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
mode=apply
payload=
for argument; do
  case $argument in
    --check) mode=check ;;
    --payload=*) payload=\${argument#*=} ;;
    *)
      printf '%s\\n' "usage: sh $0 [--check] [--payload=FOLDER]" >&2
      exit 2
      ;;
  esac
done
token=\${KILN_REPORT-}
unset KILN_REPORT
exec 2>&1 </dev/null
tab='	'
newline='
'
return=$(printf '\\r.')
return=\${return%.}
IFS=" $tab$newline"

replace() {
  REPLY=
  rest=$1
  while :; do
    case $rest in
      *"$2"*)
        REPLY=$REPLY\${rest%%"$2"*}$3
        rest=\${rest#*"$2"}
        ;;
      *)
        REPLY=$REPLY$rest
        return
        ;;
    esac
  done
}

trim() {
  REPLY=$1
  REPLY=\${REPLY#"\${REPLY%%[! $tab]*}"}
  REPLY=\${REPLY%"\${REPLY##*[! $tab]}"}
}

has_word() {
  case " $1 " in *" $2 "*) return 0 ;; esac
  return 1
}

escape() {
  REPLY=$1
  case $REPLY in *\\\\*) replace "$REPLY" '\\' '\\\\' ;; esac
  case $REPLY in *"$newline"*) replace "$REPLY" "$newline" '\\n' ;; esac
  case $REPLY in *"$tab"*) replace "$REPLY" "$tab" '\\t' ;; esac
  case $REPLY in *"$return"*) replace "$REPLY" "$return" '\\r' ;; esac
}

emit() {
  report="@kiln $token"
  for word; do
    escape "$word"
    report=$report$tab$REPLY
  done
  printf '%s\\n' "$report"
}

say() {
  if [ -n "$token" ]; then emit note "$1"; else printf '%s\\n' "$1"; fi
}

give_up() {
  if [ -n "$token" ]; then emit stopped "$1"; else printf '%s\\n' "$1"; fi
  exit 3
}

[ "$(id -u)" = 0 ] || give_up 'this has to be run as root'
umask 077
work=$(mktemp -d "\${TMPDIR:-/tmp}/kiln.XXXXXX") || give_up 'there is no room for temporary files'
umask 022
staged=
clean_up() {
  cd /
  [ -z "$staged" ] || rm -rf "$staged"
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

booted=no
if [ -d /run/systemd/system ] || [ -e /run/openrc/softlevel ]; then booted=yes; fi
container=no
if [ -e /.dockerenv ] || [ -e /run/.containerenv ] || [ -s /run/systemd/container ]; then container=yes; fi

count_changed=0
count_failed=0
count_skipped=0

# begin ID LABEL [ID-OF-WHAT-IT-NEEDS...]: false when it has to be skipped
begin() {
  id=$1
  label=$2
  failure=
  dirty=no
  prefix=
  eval "label_$id=\\$label"
  shift 2
  [ -z "$token" ] || emit begin "$id"
  for needed; do
    eval "state=\\\${state_$needed-}"
    case $state in
      failed | skipped)
        eval "reason=\\$label_$needed"
        if [ "$state" = failed ]; then reason="$reason failed"; else reason="$reason was skipped"; fi
        finish skipped "$reason"
        return 1
        ;;
    esac
  done
}

# needs_met ID...: whether none of them failed or was skipped
needs_met() {
  for needed; do
    eval "state=\\\${state_$needed-}"
    case $state in failed | skipped) return 1 ;; esac
  done
}

# differs WHAT EXPECTED ACTUAL: notes a difference
differs() {
  dirty=yes
  set -- "$prefix$1" "$2" "$3"
  if [ -n "$token" ]; then
    emit differs "$1" "$2" "$3"
  else
    eval "told_$id=\\\${told_$id-}\\$newline'    '\\$1': '\\$3' -> '\\$2"
  fi
}

changing() {
  [ "$mode" = apply ] && [ "$dirty" = yes ]
}

# part COMMAND...: one of several parts of a resource; only its own differences count as such while it runs
part() {
  # Kept in an argument: it may have parts itself.
  set -- "$dirty" "$@"
  dirty=no
  without_first "$@"
  code=$?
  PART=$dirty
  [ "$1" = no ] || dirty=yes
  return "$code"
}

without_first() {
  shift
  "$@"
}

fail() {
  failure=$1
  return 1
}

# try COMMAND...: runs it; its words go to the output, its name into the message when it fails
try() {
  "$@" && return 0
  code=$?
  fail "$1 ended with $code"
}

end() {
  if [ -n "$failure" ]; then
    finish failed "$failure"
  elif [ "$dirty" = no ]; then
    finish ok ''
  elif [ "$mode" = check ]; then
    finish would-change ''
  else
    finish changed ''
  fi
}

finish() {
  eval "state_$id=$1"
  case $1 in
    changed | would-change) count_changed=$((count_changed + 1)) ;;
    failed) count_failed=$((count_failed + 1)) ;;
    skipped) count_skipped=$((count_skipped + 1)) ;;
  esac
  if [ -n "$token" ]; then
    emit end "$id" "$1" "$2"
  elif [ "$1" != ok ]; then
    eval "told=\\\${told_$id-}"
    printf '%s\\n' "$1: $label\${2:+: $2}$told"
  fi
}

# Where a resource asks whether another has changed something.
changed() {
  for asked; do
    eval "state=\\\${state_$asked-}"
    case $state in changed | would-change) return 0 ;; esac
  done
  return 1
}

conclude() {
  code=0
  if [ "$count_failed" -gt 0 ] || [ "$count_skipped" -gt 0 ]; then
    code=1
  elif [ "$mode" = check ] && [ "$count_changed" -gt 0 ]; then
    code=2
  fi
  if [ -n "$token" ]; then
    emit done "$code"
  elif [ "$mode" = check ]; then
    printf '%s\\n' "$count_changed would change, $count_failed failed, $count_skipped skipped"
  else
    printf '%s\\n' "$count_changed changed, $count_failed failed, $count_skipped skipped"
  fi
  exit "$code"
}
`;
