/** Users and groups of /etc/passwd and /etc/group. With the tools of shadow, or those of busybox. */
export const accountLibrary = `
# user_of NAME: P_UID, P_GID, P_COMMENT, P_HOME, P_SHELL; false when there is none
user_of() {
  while IFS=: read -r entry secret P_UID P_GID P_COMMENT P_HOME P_SHELL; do
    [ "$entry" != "$1" ] || return 0
  done </etc/passwd
  P_UID= P_GID= P_COMMENT= P_HOME= P_SHELL=
  return 1
}

# hash_of NAME: HASH, as shadow(5) has it
hash_of() {
  [ -e /etc/shadow ] || return 0
  while IFS=: read -r entry HASH rest; do
    [ "$entry" != "$1" ] || return 0
  done </etc/shadow
  HASH=
}

# group_of NAME: G_GID; false when there is none
group_of() {
  while IFS=: read -r entry secret G_GID members; do
    [ "$entry" != "$1" ] || return 0
  done </etc/group
  G_GID=
  return 1
}

# groups_of NAME: GROUPS_, the names of supplementary groups, and those of the number of P_GID in PRIMARY
groups_of() {
  GROUPS_=
  PRIMARY=$P_GID
  while IFS=: read -r entry secret number members; do
    [ "$number" != "$P_GID" ] || PRIMARY=$entry
    case ",$members," in *",$1,"*) GROUPS_="$GROUPS_\${GROUPS_:+ }$entry" ;; esac
  done </etc/group
}

has_word() {
  case " $1 " in *" $2 "*) return 0 ;; esac
  return 1
}

if command -v useradd >/dev/null 2>&1; then shadow=yes; else shadow=no; fi

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

# group NAME GID SYSTEM
group() {
  if group_of "$1"; then
    found=yes
    [ -z "$2" ] || [ "$2" = "$G_GID" ] || differs gid "$2" "$G_GID"
  else
    found=no
    differs exists yes no
  fi
  changing || return 0
  if [ "$shadow" = yes ]; then
    if [ "$found" = yes ]; then
      try groupmod -g "$2" "$1"
    else
      group_name=$1
      if [ "$3" = yes ]; then flags=-r; else flags=; fi
      try groupadd $flags \${2:+-g "$2"} "$group_name"
    fi
  elif [ "$found" = yes ]; then
    edit_account /etc/group "$1" 3 "$2"
  else
    if [ "$3" = yes ]; then flags=-S; else flags=; fi
    try addgroup $flags \${2:+-g "$2"} "$1"
  fi
}

absent_group() {
  group_of "$1" || return 0
  differs exists no yes
  changing || return 0
  if [ "$shadow" = yes ]; then try groupdel "$1"; else try delgroup "$1"; fi
}

absent_user() {
  user_of "$1" || return 0
  differs exists no yes
  changing || return 0
  if [ "$shadow" = yes ]; then
    if [ "$2" = yes ]; then flags=-r; else flags=; fi
    userdel $flags "$1"
    # 12: the home folder or the mail box was not there, or could not be removed.
    code=$?
    case $code in 0 | 12) ;; *) fail "userdel ended with $code" ;; esac
  else
    if [ "$2" = yes ]; then flags=--remove-home; else flags=; fi
    try deluser $flags "$1"
  fi
}

# user NAME: as the variables U_... say. Those for values are unset where a value is to stay as it is.
user() {
  if user_of "$1"; then
    found=yes
    groups_of "$1"
    [ -z "\${U_UID+set}" ] || [ "$U_UID" = "$P_UID" ] || differs uid "$U_UID" "$P_UID"
    [ -z "\${U_GROUP+set}" ] || same_account "$U_GROUP" "$PRIMARY" "$P_GID" || differs group "$U_GROUP" "$PRIMARY"
    [ -z "\${U_HOME+set}" ] || [ "$U_HOME" = "$P_HOME" ] || differs home "$U_HOME" "$P_HOME"
    [ -z "\${U_SHELL+set}" ] || [ "$U_SHELL" = "$P_SHELL" ] || differs shell "$U_SHELL" "$P_SHELL"
    [ -z "\${U_COMMENT+set}" ] || [ "$U_COMMENT" = "\${P_COMMENT%%,,*}" ] || [ "$U_COMMENT" = "$P_COMMENT" ] ||
      differs comment "$U_COMMENT" "$P_COMMENT"
    compare_groups
    compare_password "$1"
    home=\${U_HOME:-$P_HOME}
    if [ "$U_CREATE" = yes ] && [ ! -d "$home" ]; then differs 'home folder' "$home" missing; fi
  else
    found=no
    differs exists yes no
  fi
  changing || return 0
  for one in $U_GROUPS \${U_GROUP-}; do
    case $one in *[!0-9]*) group_of "$one" || fail "there is no group $one: add it to the profile's groups" || return ;; esac
  done
  if [ "$found" = no ]; then
    add_user "$1" || return
  else
    change_user "$1" || return
  fi
  set_password "$1" || return
  user_of "$1" || fail 'it is not there after it was made' || return
  if [ "$U_CREATE" = yes ] && [ ! -d "$P_HOME" ]; then make_home "$P_HOME" "$P_UID" "$P_GID"; fi
}

compare_groups() {
  for one in $U_GROUPS; do
    has_word "$GROUPS_" "$one" || [ "$one" = "$PRIMARY" ] || differs "in group $one" yes no
  done
  [ "$U_EXACT" = yes ] || return 0
  for one in $GROUPS_; do
    has_word "$U_GROUPS" "$one" || [ "$one" = "$PRIMARY" ] || differs "in group $one" no yes
  done
}

compare_password() {
  PASSWORD_DIFFERS=no
  [ "$U_PASSWORD" != keep ] || return 0
  hash_of "$1"
  case $HASH in
    '!'* | '*'*) is=locked ;;
    '') is=none ;;
    *) is=set ;;
  esac
  if [ "$U_PASSWORD" = locked ]; then
    [ "$is" = locked ] || { PASSWORD_DIFFERS=yes && differs password locked "$is"; }
  elif [ "$HASH" != "$U_HASH" ]; then
    PASSWORD_DIFFERS=yes
    [ "$is" != set ] || is='another one'
    differs password 'as given' "$is"
  fi
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

# ssh_keys NAME ID-OF-CONTENT DIGEST SIZE
ssh_keys() {
  if ! user_of "$1"; then
    differs 'ssh keys' 'as given' none
    return
  fi
  prefix="$P_HOME/.ssh: "
  part directory "$P_HOME/.ssh" 700 "$P_UID" "$P_GID" && prefix="$P_HOME/.ssh/authorized_keys: " &&
    part file "$2" "$P_HOME/.ssh/authorized_keys" "$3" "$4" 600 "$P_UID" "$P_GID" no
  code=$?
  prefix=
  return "$code"
}

# sudo_rules FILE ID-OF-CONTENT DIGEST SIZE: an empty ID for none
sudo_rules() {
  prefix="$1: "
  if [ -z "$2" ]; then
    part absent "$1" no
  else
    # A rule that sudo does not understand would keep everybody from using it.
    if [ "$mode" = apply ]; then
      command -v visudo >/dev/null 2>&1 || fail 'sudo is not installed: add it to the packages' || return
      "content_$2" >"$work/sudoers" && visudo -c -q -f "$work/sudoers" || fail 'sudo does not understand the rules' || return
    fi
    part file "$2" "$1" "$3" "$4" 440 0 0 no
  fi
  code=$?
  prefix=
  return "$code"
}
`;
