/** Makes and changes users. With the programs of shadow, or those of busybox. */
export const accountChangeLibrary = `
# edit_account FILE NAME NUMBER-OF-FIELD VALUE: for what busybox has no program for
edit_account() {
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      "$2:"*)
        rest=$line:
        number=1
        new=
        while [ -n "$rest" ]; do
          value=\${rest%%:*}
          rest=\${rest#*:}
          [ "$number" != "$3" ] || value=$4
          new=$new$value:
          number=$((number + 1))
        done
        printf '%s\\n' "\${new%:}"
        ;;
      *) printf '%s\\n' "$line" ;;
    esac
  done <"$1" >"$work/accounts" && write_file "$1" print_accounts '' '' ''
}

print_accounts() {
  cat "$work/accounts"
}

add_user() {
  PASSWORD_DIFFERS=yes
  if [ "$shadow" = no ]; then
    busybox_add_user "$1"
    return
  fi
  user_name=$1
  set --
  [ "$U_SYSTEM" = no ] || set -- "$@" -r
  if [ "$U_CREATE" = yes ]; then set -- "$@" -m; else set -- "$@" -M; fi
  [ -z "\${U_UID+set}" ] || set -- "$@" -u "$U_UID"
  [ -z "\${U_HOME+set}" ] || set -- "$@" -d "$U_HOME"
  [ -z "\${U_SHELL+set}" ] || set -- "$@" -s "$U_SHELL"
  [ -z "\${U_COMMENT+set}" ] || set -- "$@" -c "$U_COMMENT"
  if [ -n "\${U_GROUP+set}" ]; then
    set -- "$@" -g "$U_GROUP"
  elif group_of "$user_name"; then
    set -- "$@" -g "$user_name"
  else
    set -- "$@" -U
  fi
  if [ -n "$U_GROUPS" ]; then
    replace "$U_GROUPS" ' ' ,
    set -- "$@" -G "$REPLY"
  fi
  try useradd "$@" "$user_name"
}

busybox_add_user() {
  user_name=$1
  set -- -D
  [ "$U_SYSTEM" = no ] || set -- "$@" -S
  # It leaves a folder that is there alone.
  [ "$U_CREATE" = yes ] || set -- "$@" -H
  [ -z "\${U_UID+set}" ] || set -- "$@" -u "$U_UID"
  [ -z "\${U_HOME+set}" ] || set -- "$@" -h "$U_HOME"
  [ -z "\${U_SHELL+set}" ] || set -- "$@" -s "$U_SHELL"
  [ -z "\${U_COMMENT+set}" ] || set -- "$@" -g "$U_COMMENT"
  if [ -n "\${U_GROUP+set}" ]; then
    set -- "$@" -G "$U_GROUP"
  elif group_of "$user_name"; then
    set -- "$@" -G "$user_name"
  elif [ "$U_SYSTEM" = yes ]; then
    # Without this they would all share one group.
    try addgroup -S "$user_name" || return
    set -- "$@" -G "$user_name"
  fi
  try adduser "$@" "$user_name" || return
  for one in $U_GROUPS; do try addgroup "$user_name" "$one" || return; done
}

change_user() {
  user_name=$1
  if [ "$shadow" = no ]; then
    busybox_change_user "$1"
    return
  fi
  set --
  [ -z "\${U_UID+set}" ] || [ "$U_UID" = "$P_UID" ] || set -- "$@" -u "$U_UID"
  [ -z "\${U_GROUP+set}" ] || same_account "$U_GROUP" "$PRIMARY" "$P_GID" || set -- "$@" -g "$U_GROUP"
  if [ -n "\${U_HOME+set}" ] && [ "$U_HOME" != "$P_HOME" ]; then
    set -- "$@" -d "$U_HOME"
    if [ "$U_CREATE" = yes ] && [ -d "$P_HOME" ] && [ ! -e "$U_HOME" ]; then set -- "$@" -m; fi
  fi
  [ -z "\${U_SHELL+set}" ] || [ "$U_SHELL" = "$P_SHELL" ] || set -- "$@" -s "$U_SHELL"
  [ -z "\${U_COMMENT+set}" ] || [ "$U_COMMENT" = "$P_COMMENT" ] || set -- "$@" -c "$U_COMMENT"
  wanted=$U_GROUPS
  if [ "$U_EXACT" = no ]; then
    for one in $GROUPS_; do has_word "$wanted" "$one" || wanted="$wanted $one"; done
  fi
  missing=no
  for one in $wanted; do has_word "$GROUPS_" "$one" || missing=yes; done
  for one in $GROUPS_; do has_word "$wanted" "$one" || missing=yes; done
  if [ "$missing" = yes ]; then
    trim "$wanted"
    replace "$REPLY" ' ' ,
    set -- "$@" -G "$REPLY"
  fi
  [ $# -gt 0 ] || return 0
  try usermod "$@" "$user_name"
}

busybox_change_user() {
  for pair in "3:\${U_UID-$P_UID}" "6:\${U_HOME-$P_HOME}" "7:\${U_SHELL-$P_SHELL}" "5:\${U_COMMENT-$P_COMMENT}"; do
    edit_account /etc/passwd "$1" "\${pair%%:*}" "\${pair#*:}" || return
  done
  if [ -n "\${U_UID+set}" ] && [ "$U_UID" != "$P_UID" ] && [ -d "$P_HOME" ]; then
    try chown -R "$U_UID" "$P_HOME" || return
  fi
  if [ -n "\${U_GROUP+set}" ]; then
    case $U_GROUP in
      *[!0-9]*) group_of "$U_GROUP" && edit_account /etc/passwd "$1" 4 "$G_GID" || return ;;
      *) edit_account /etc/passwd "$1" 4 "$U_GROUP" || return ;;
    esac
  fi
  for one in $U_GROUPS; do has_word "$GROUPS_" "$one" || try addgroup "$1" "$one" || return; done
  [ "$U_EXACT" = yes ] || return 0
  for one in $GROUPS_; do has_word "$U_GROUPS" "$one" || try delgroup "$1" "$one" || return; done
}

# Through a pipe: command lines can be read by everybody.
set_password() {
  [ "$PASSWORD_DIFFERS" = yes ] || return 0
  case $U_PASSWORD in
    hash) printf '%s:%s\\n' "$1" "$U_HASH" | chpasswd -e || fail 'chpasswd refused the password' ;;
    locked)
      hash_of "$1"
      case $HASH in '!'* | '*'*) return 0 ;; esac
      if [ "$shadow" = yes ]; then try usermod -L "$1"; else try passwd -l "$1"; fi
      ;;
  esac
}

# make_home FOLDER UID GID: with what /etc/skel has
make_home() {
  folder=\${1%/*}
  make_folders "\${folder:-/}" && enter "\${folder:-/}" && stage || return
  name=\${1##*/}
  mkdir "./$name" && chmod 700 "./$name" &&
    { [ ! -d /etc/skel ] || cp -R /etc/skel/. "./$name"; } && chown -R "$2:$3" "./$name" && place "$name" ||
    fail "the home folder $1 could not be made"
  code=$?
  unstage
  return "$code"
}
`;
