/** What is said of users and groups, compared with /etc/passwd, /etc/group and /etc/shadow. */
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

if command -v useradd >/dev/null 2>&1; then shadow=yes; else shadow=no; fi

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
