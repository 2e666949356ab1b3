/**
 * Files, written so that nobody ever sees half of one, and so that no user of the machine can lead root elsewhere:
 *
 * - A folder is entered step by step, and only through links that root owns. From then on it is the current folder,
 *   which stays the same whatever is done to its path.
 * - What is new is made in a folder inside of it that only root can enter (`stage`), gets its mode and owner there, and
 *   is renamed into place. A rename follows no links.
 */
export const fileLibrary = `
# enter FOLDER
enter() {
  if cd -P "$1" 2>/dev/null && [ "$PWD" = "$1" ]; then return 0; fi
  physical=
  rest=\${1#/}
  hops=0
  while [ -n "$rest" ]; do
    part=\${rest%%/*}
    case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
    case $part in
      '' | .) continue ;;
      ..)
        physical=\${physical%/*}
        continue
        ;;
    esac
    if [ -L "$physical/$part" ]; then
      hops=$((hops + 1))
      [ "$hops" -lt 40 ] || fail "$1 goes in circles" || return
      [ "$(stat -c %u "$physical/$part")" = 0 ] ||
        fail "$physical/$part is a link that belongs to a user: it is not followed" || return
      target=$(readlink "$physical/$part" && echo .) || fail "$physical/$part cannot be read" || return
      target=\${target%?.}
      case $target in /*) physical= ;; esac
      rest=$target/$rest
    else
      physical=$physical/$part
    fi
  done
  cd -P "\${physical:-/}" 2>/dev/null && [ "$PWD" = "\${physical:-/}" ] ||
    fail "the folder $1 cannot be entered"
}

# make_folders FOLDER: what is missing belongs to whom the folder above belongs to
make_folders() {
  if [ -d "$1" ]; then return; fi
  set -- "$1" "\${1%/*}"
  make_folders "\${2:-/}" && enter "\${2:-/}" || return
  mkdir "./\${1##*/}" 2>/dev/null || [ -d "./\${1##*/}" ] || fail "the folder $1 cannot be made" || return
  above=$(stat -c %u:%g .)
  [ "$above" != 0:0 ] || return 0
  enter "$PWD/\${1##*/}" && try chown "$above" .
}

# look PATH: KIND (missing, file, directory, link or other), MODE, OWNER, GROUP, UID_ and GID_, SIZE of it. Its folder is
# entered, its name there is NAME. False when that cannot be.
look() {
  KIND=missing
  MODE=
  OWNER=
  GROUP=
  UID_=
  GID_=
  SIZE=
  NAME=./\${1##*/}
  folder=\${1%/*}
  [ -d "\${folder:-/}" ] || return 0
  enter "\${folder:-/}" || return
  facts=$(stat -c '%F|%a|%U|%G|%u|%g|%s' "$NAME" 2>/dev/null) || return 0
  IFS='|'
  set -- $facts
  IFS=" $tab$newline"
  case $1 in
    regular*) KIND=file ;;
    directory) KIND=directory ;;
    symbolic*) KIND=link ;;
    *) KIND=other ;;
  esac
  MODE=$2
  OWNER=$3
  GROUP=$4
  UID_=$5
  GID_=$6
  SIZE=$7
}

# same_account WISH NAME NUMBER
same_account() {
  [ "$1" = "$2" ] || [ "$1" = "$3" ]
}

# attributes MODE OWNER GROUP: compares what was looked at; what is empty is left as it is
attributes() {
  [ -z "$1" ] || [ "$1" = "$MODE" ] || differs mode "$1" "$MODE"
  [ -z "$2" ] || same_account "$2" "$OWNER" "$UID_" || differs owner "$2" "$OWNER"
  [ -z "$3" ] || same_account "$3" "$GROUP" "$GID_" || differs group "$3" "$GROUP"
}

# stage: goes into a new folder that only root can enter, in the current one
stage() {
  above=$PWD
  staged=$(mktemp -d "\${above%/}/.kiln.XXXXXX") || fail "nothing can be written in $above" || return
  cd -P "$staged" 2>/dev/null && [ "$PWD" = "$staged" ] || fail "somebody interferes with $above"
}

unstage() {
  cd -P ..
  rmdir "$staged" 2>/dev/null || rm -rf "$staged"
  staged=
}

# place NAME: what has that name in the staged folder goes into the one above
place() {
  if [ -d /sys/fs/selinux ] && command -v restorecon >/dev/null 2>&1; then
    # Labels go by the place where a file will be.
    mv -f "./$1" .. && restorecon -F "../$1" 2>/dev/null
    [ -e "../$1" ] || [ -L "../$1" ]
    return
  fi
  mv -f "./$1" .. 2>/dev/null && return
  # Containers have their own /etc/hosts and such mounted over; they can only be written where they are.
  [ -f "../$1" ] && [ ! -L "../$1" ] && [ "$(stat -c %u ..)" = 0 ] && grep -qF " $above/$1 " /proc/self/mounts &&
    cat "./$1" >"../$1" && rm -f "./$1"
}

# own NAME OWNER GROUP MODE: for something in the staged folder; what is empty is not set. Owners come first: changing
# them takes special bits away.
own() {
  [ -z "$2$3" ] || try chown "$2\${3:+:$3}" "$1" || return
  [ -z "$4" ] || try chmod "$4" "$1"
}

# write_file PATH CONTENT MODE OWNER GROUP: CONTENT is a command that prints it. Attributes that are not given are those
# of the file that was there, or 644 and root's.
write_file() {
  path=$1
  name=\${1##*/}
  folder=\${1%/*}
  make_folders "\${folder:-/}" && look "$path" || return
  case $KIND in
    directory) fail "$path is a folder" || return ;;
    other) fail "$path is no regular file" || return ;;
    file) set -- "$1" "$2" "\${3:-$MODE}" "\${4:-$UID_}" "\${5:-$GID_}" ;;
    *) set -- "$1" "$2" "\${3:-644}" "\${4:-0}" "\${5:-0}" ;;
  esac
  stage || return
  umask 077
  if ! "$2" >"./$name"; then
    umask 022
    unstage
    fail "$path could not be written" || return
  fi
  umask 022
  own "./$name" "$4" "$5" "$3" && { place "$name" || fail "$path could not be replaced"; }
  code=$?
  unstage
  return "$code"
}

# set_attributes PATH MODE OWNER GROUP: of a file. By a second name in a folder of ours, where nobody can put a link in
# its place meanwhile.
set_attributes() {
  look "$1" && stage || return
  name=\${1##*/}
  if ln "../$name" "./$name" 2>/dev/null; then
    if [ -f "./$name" ] && [ ! -L "./$name" ]; then own "./$name" "$3" "$4" "$2"; else fail "$1 is no regular file"; fi
  elif [ "$(stat -c %u ..)" = 0 ]; then
    own "../$name" "$3" "$4" "$2"
  else
    fail "the attributes of $1 cannot be set safely on this filesystem"
  fi
  code=$?
  rm -f "./$name"
  unstage
  return "$code"
}

# digest_of FILE
digest_of() {
  DIGEST=$(sha256sum <"$1") || DIGEST=
  DIGEST=\${DIGEST%% *}
}

# file ID-OF-CONTENT PATH DIGEST SIZE MODE OWNER GROUP SECRET: with an empty DIGEST any content will do
file() {
  look "$2" || return
  case $KIND in
    missing) differs exists yes no ;;
    directory) fail "$2 is a folder" || return ;;
    other) fail "$2 is no regular file" || return ;;
    link) differs kind file "a link to $(readlink "$NAME")" ;;
    file)
      if [ -n "$3" ]; then
        if [ "$4" = "$SIZE" ]; then digest_of "$NAME"; else DIGEST=; fi
        if [ "$DIGEST" != "$3" ]; then
          if [ "$8" = yes ]; then
            differs content 'as given' 'something else'
          else
            [ -n "$DIGEST" ] || digest_of "$NAME"
            differs content "sha256:$3" "sha256:$DIGEST"
            show_content "$NAME"
          fi
          KIND=changed
        fi
      fi
      attributes "$5" "$6" "$7"
      ;;
  esac
  changing || return 0
  if [ "$KIND" = file ]; then
    set_attributes "$2" "$5" "$6" "$7"
  elif [ -n "$3" ]; then
    write_file "$2" "content_$1" "$5" "$6" "$7"
  else
    write_file "$2" : "$5" "$6" "$7"
  fi
}

# show_content FILE: for a comparison of what is in it, where that is short
show_content() {
  if [ "$mode" = check ] && [ -n "$token" ] && [ "$SIZE" -le 32768 ]; then
    emit content "$(base64 <"$1" | tr -d '\\n')"
  fi
}

# directory PATH MODE OWNER GROUP
directory() {
  look "$1" || return
  case $KIND in
    missing) differs exists yes no ;;
    directory) attributes "$2" "$3" "$4" ;;
    link)
      # One that leads to a folder is as good as the folder, when root made it.
      [ -d "$NAME" ] || fail "$1 is a link that leads to no folder" || return
      [ "$UID_" = 0 ] || fail "$1 is a link that belongs to a user: it is not followed" || return
      facts=$(stat -L -c '%a|%U|%G|%u|%g' "$NAME")
      IFS='|'
      set -- "$1" "$2" "$3" "$4" $facts
      IFS=" $tab$newline"
      MODE=$5
      OWNER=$6
      GROUP=$7
      UID_=$8
      GID_=$9
      attributes "$2" "$3" "$4"
      ;;
    *) fail "$1 is there, and is no folder" || return ;;
  esac
  changing || return 0
  make_folders "$1" && enter "$1" && own . "$3" "$4" "$2"
}

# link PATH TARGET
link() {
  look "$1" || return
  case $KIND in
    missing) differs exists yes no ;;
    directory) fail "$1 is a folder" || return ;;
    other) fail "$1 is there, and is no link" || return ;;
    file) differs kind link file ;;
    link)
      target=$(readlink "$NAME" && echo .)
      target=\${target%?.}
      [ "$target" = "$2" ] || differs target "$2" "$target"
      ;;
  esac
  changing || return 0
  put_link "$1" "$2"
}

# put_link PATH TARGET [OWNER GROUP]
put_link() {
  folder=\${1%/*}
  make_folders "\${folder:-/}" && enter "\${folder:-/}" && stage || return
  {
    ln -s -- "$2" "./\${1##*/}" &&
      { [ -z "\${3-}" ] || chown -h "$3:$4" "./\${1##*/}"; } && place "\${1##*/}"
  } || fail "$1 could not be made"
  code=$?
  unstage
  return "$code"
}

# absent PATH RECURSIVE
absent() {
  look "$1" || return
  [ "$KIND" != missing ] || return 0
  differs exists no yes
  changing || return 0
  if [ "$KIND" != directory ]; then
    try rm -f "$NAME"
  elif [ "$2" = yes ]; then
    try rm -rf "$NAME"
  else
    rmdir "$NAME" || fail "$1 is a folder with something in it"
  fi
}
`;
