/** Lines of files that hold more than what a profile says. Other lines stay as they are. */
export const lineLibrary = `
# parse_line FORMAT LINE: KEY and VALUE; an empty KEY for what is no such line
parse_line() {
  KEY=
  VALUE=
  trim "$2"
  case $REPLY in '' | '#'* | ';'*) return ;; esac
  case $1 in
    assignment)
      case $REPLY in *=*) ;; *) return ;; esac
      set -- "\${REPLY%%=*}" "\${REPLY#*=}"
      trim "\${1#export }"
      KEY=\${REPLY#-}
      trim "$2"
      VALUE=$REPLY
      case $VALUE in
        \\"*\\") VALUE=\${VALUE#?} VALUE=\${VALUE%?} ;;
        \\'*\\') VALUE=\${VALUE#?} VALUE=\${VALUE%?} ;;
      esac
      ;;
    limit)
      set -- $REPLY
      [ $# -ge 4 ] || return 0
      KEY="$1 $2 $3"
      VALUE=$4
      ;;
    mount)
      set -- $REPLY
      [ $# -ge 4 ] || return 0
      KEY="$1 $2"
      VALUE="$3 $4"
      ;;
    line)
      set -- $REPLY
      KEY=$*
      VALUE=yes
      ;;
  esac
}

# open_lines PATH: a copy of the file to change lines in. A link is followed when it is root's.
open_lines() {
  lines_path=$1
  lines_changed=no
  lines=$work/lines
  look "$lines_path" || return
  hops=0
  while [ "$KIND" = link ] && [ "$UID_" = 0 ] && [ "$hops" -lt 10 ]; do
    hops=$((hops + 1))
    target=$(readlink "$NAME")
    case $target in /*) lines_path=$target ;; *) lines_path=$PWD/$target ;; esac
    look "$lines_path" || return
  done
  case $KIND in
    file) cat "$NAME" >"$lines" || fail "$1 cannot be read" ;;
    missing) : >"$lines" ;;
    *) fail "$1 is no regular file" ;;
  esac
}

# want_line FORMAT KEY VALUE LINE WHAT: LINE has to be there, as the only one with that key
want_line() {
  found=no
  actual=
  while IFS= read -r line || [ -n "$line" ]; do
    parse_line "$1" "$line"
    [ "$KEY" = "$2" ] || continue
    found=yes
    actual=$VALUE
  done <"$lines"
  if [ "$found" = yes ]; then
    [ "$actual" != "$3" ] || return 0
  else
    [ -n "$3" ] || return 0
    actual='not set'
  fi
  differs "$5" "$3" "$actual"
  change_lines "$1" "$2" "$4"
}

# unwanted_line FORMAT KEY WHAT
unwanted_line() {
  found=no
  while IFS= read -r line || [ -n "$line" ]; do
    parse_line "$1" "$line"
    [ "$KEY" != "$2" ] || found=yes
  done <"$lines"
  [ "$found" = yes ] || return 0
  differs "$3" absent present
  change_lines "$1" "$2" ''
}

# change_lines FORMAT KEY LINE: in the copy; without LINE those with the key go away
change_lines() {
  lines_changed=yes
  missing=$3
  while IFS= read -r line || [ -n "$line" ]; do
    parse_line "$1" "$line"
    if [ "$KEY" != "$2" ]; then
      printf '%s\\n' "$line"
    elif [ -n "$missing" ]; then
      printf '%s\\n' "$missing"
      missing=
    fi
  done <"$lines" >"$lines.new"
  [ -z "$missing" ] || printf '%s\\n' "$missing" >>"$lines.new"
  mv -f "$lines.new" "$lines"
}

print_lines() {
  cat "$lines"
}

# close_lines: writes the copy back, with the attributes that the file had
close_lines() {
  if [ "$lines_changed" = yes ] && changing; then write_file "$lines_path" print_lines '' '' ''; fi
}

# host_line ADDRESS NAME...: /etc/hosts has the names at that address
host_line() {
  address=$1
  shift
  for name; do
    at=
    first=
    while IFS= read -r line || [ -n "$line" ]; do
      set -- \${line%%#*}
      [ $# -gt 1 ] || continue
      one=$1
      shift
      [ "$one" != "$address" ] || first=yes
      for other; do
        if [ "$other" = "$name" ] && same_family "$one" "$address"; then at="$at\${at:+ }$one"; fi
      done
    done <"$lines"
    [ "$at" != "$address" ] || continue
    differs "address of $name" "$address" "\${at:-none}"
    lines_changed=yes
    put_host "$address" "$name" "$first" >"$lines.new"
    mv -f "$lines.new" "$lines"
  done
}

same_family() {
  case $1 in *:*) case $2 in *:*) return 0 ;; esac; return 1 ;; esac
  case $2 in *:*) return 1 ;; esac
}

# put_host ADDRESS NAME THERE: prints the lines with the name at the address, and not at others of its family
put_host() {
  wanted=$1
  new=$2
  done_=no
  while IFS= read -r line || [ -n "$line" ]; do
    comment=
    case $line in *'#'*) comment="#\${line#*#}" ;; esac
    set -- \${line%%#*}
    if [ $# -lt 2 ]; then
      printf '%s\\n' "$line"
      continue
    fi
    one=$1
    shift
    kept=
    hit=no
    for other; do
      if [ "$other" = "$new" ] && same_family "$one" "$wanted"; then
        hit=yes
      else
        kept="$kept $other"
      fi
    done
    if [ "$one" = "$wanted" ] && [ "$done_" = no ]; then
      kept="$kept $new"
      done_=yes
      hit=yes
    fi
    if [ "$hit" = no ]; then
      printf '%s\\n' "$line"
    elif [ -n "$kept" ]; then
      printf '%s\\n' "$one$tab\${kept# }\${comment:+ $comment}"
    fi
  done <"$lines"
  [ "$done_" = yes ] || printf '%s\\n' "$wanted$tab$new"
}
`;
