/** Settings of the system that are more than lines of a file. */
export const settingLibrary = `
# hostname_is NAME ID-OF-CONTENT DIGEST SIZE
hostname_is() {
  prefix='/etc/hostname: '
  part file "$2" /etc/hostname "$3" "$4" '' '' '' no || return
  prefix=
  [ "$booted" = yes ] || return 0
  read -r current </proc/sys/kernel/hostname || current=
  [ "$current" != "$1" ] || return 0
  differs 'current name' "$1" "$current"
  changing || return 0
  printf '%s\\n' "$1" 2>/dev/null >/proc/sys/kernel/hostname || try hostname "$1"
}

same_zone() {
  set -- "\${1#Etc/}" "\${2#Etc/}"
  [ "$1" = "$2" ]
}

timezone_is() {
  part timezone_link "$1" || return
  # Debian keeps the name in a file too, up to release 12.
  [ -f /etc/timezone ] || return 0
  read -r current </etc/timezone || current=
  ! same_zone "$current" "$1" || return 0
  part timezone_name "$1" "$current"
}

timezone_link() {
  current=UTC
  if [ -L /etc/localtime ]; then
    current=$(readlink /etc/localtime)
    current=\${current##*/zoneinfo/}
  elif [ -e /etc/localtime ]; then
    current='a copy'
  fi
  same_zone "$current" "$1" && return
  differs timezone "$1" "$current"
  changing || return 0
  [ -e "/usr/share/zoneinfo/$1" ] || fail "the time zone $1 is not there: add tzdata to the packages" || return
  put_link /etc/localtime "../usr/share/zoneinfo/$1"
}

timezone_name() {
  differs /etc/timezone "$1" "$2"
  changing || return 0
  zone=$1
  write_file /etc/timezone print_zone '' '' ''
}

print_zone() {
  printf '%s\\n' "$zone"
}

# locale_there NAME
locale_there() {
  case $1 in C | POSIX) return 0 ;; esac
  plain=$(printf '%s' "\${1#*.}" | tr 'A-Z' 'a-z' | tr -d -)
  case $1 in *.*) plain=\${1%%.*}.$plain ;; *) plain=$1 ;; esac
  locale -a >"$work/locales" 2>/dev/null
  while IFS= read -r line; do
    [ "$line" != "$1" ] && [ "$line" != "$plain" ] || return 0
  done <"$work/locales"
  return 1
}

# locale_made NAME: Debian and what is made of it generate locales as /etc/locale.gen says
locale_made() {
  case $1 in C | POSIX | C.*) return 0 ;; esac
  if [ -e /etc/alpine-release ]; then return; fi
  locale_there "$1" && return
  differs "locale $1" there missing
  changing || return 0
  command -v locale-gen >/dev/null 2>&1 ||
    fail "the locale $1 is not there: add \${locale_packages:-a package with it} to the packages" || return
  entry=
  while IFS= read -r line; do
    case $line in "$1 "*) entry=$line ;; esac
  done </usr/share/i18n/SUPPORTED
  [ -n "$entry" ] || fail "there is no locale $1" || return
  open_lines /etc/locale.gen || return
  change_lines line "$entry" "$entry"
  write_file "$lines_path" print_lines '' '' '' && try locale-gen >/dev/null || return
  locale_there "$1" || fail "the locale $1 is not there after it was generated"
}

locale_is() {
  if [ -e /etc/alpine-release ]; then
    path=/etc/profile.d/20locale.sh
    open_lines "$path" && want_line assignment LANG "$1" "export LANG=$1" LANG && close_lines
    return
  fi
  part locale_made "$1" || return
  path=/etc/locale.conf
  if [ -e /etc/debian_version ] && ! { [ -e /etc/locale.conf ] && [ ! -e /etc/default/locale ]; }; then
    path=/etc/default/locale
  fi
  part lang_is "$path" "$1"
}

lang_is() {
  open_lines "$1" && want_line assignment LANG "$2" "LANG=$2" LANG && close_lines
}

# keyboard_is LAYOUT VARIANT MODEL
keyboard_is() {
  if [ -e /etc/debian_version ]; then
    open_lines /etc/default/keyboard || return
    [ "$KIND" != missing ] || printf 'XKBMODEL="pc105"\\nXKBOPTIONS=""\\nBACKSPACE="guess"\\n' >"$lines"
    want_line assignment XKBLAYOUT "$1" "XKBLAYOUT=\\"$1\\"" layout
    want_line assignment XKBVARIANT "$2" "XKBVARIANT=\\"$2\\"" variant
    [ -z "$3" ] || want_line assignment XKBMODEL "$3" "XKBMODEL=\\"$3\\"" model
    close_lines || return
    if changing && [ "$booted" = yes ] && [ "$container" = no ] && command -v setupcon >/dev/null 2>&1; then
      # Without a console it has nothing to do, and says so as an error.
      setupcon -k --force || :
    fi
  elif [ -e /etc/alpine-release ]; then
    fail 'the keyboard cannot be set on Alpine: use a script with setup-keymap'
  else
    open_lines /etc/vconsole.conf || return
    want_line assignment KEYMAP "$1\${2:+-$2}" "KEYMAP=$1\${2:+-$2}" layout
    close_lines
  fi
}

# kernel_value KEY PATH VALUE: of the kernel that runs
kernel_value() {
  if [ ! -e "/proc/sys/$2" ]; then
    fail "the kernel has no setting $1"
    return
  fi
  set -- "$1" "$2" "$3" $(cat "/proc/sys/$2")
  wanted=$3
  key=$1
  path=/proc/sys/$2
  shift 3
  [ "$*" != "$wanted" ] || return 0
  differs "$key now" "$wanted" "$*"
  changing || return 0
  printf '%s\\n' "$wanted" >"$path" || fail "$key cannot be set"
}

# module_loaded NAME
module_loaded() {
  replace "$1" - _
  [ ! -d "/sys/module/$REPLY" ] || return 0
  differs "$1 now" loaded 'not loaded'
  changing || return 0
  try modprobe "$1"
}

# dns_is ID DIGEST SIZE ID DIGEST SIZE: contents of resolved.conf(5) and resolv.conf(5)
dns_is() {
  if [ -e /usr/lib/systemd/systemd-resolved ] || [ -e /lib/systemd/systemd-resolved ]; then
    part file "$1" /etc/systemd/resolved.conf.d/kiln.conf "$2" "$3" '' '' '' no || return
    changing && [ "$booted" = yes ] || return 0
    try systemctl try-restart systemd-resolved.service
  else
    # Where a tree is built, the host's may be in front of the tree's own.
    path=/etc/resolv.conf
    [ ! -e /run/kiln/resolv.conf ] || path=/run/kiln/resolv.conf
    part file "$4" "$path" "$5" "$6" '' '' '' no
  fi
}

# want_block PATH NAME MODE: the lines of $work/block, between marks, are all that the file has of that name
want_block() {
  open_lines "$1" || return
  actual=
  inside=no
  : >"$lines.new"
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      "# kiln: $2") inside=yes ;;
      "# kiln: end of $2") inside=no ;;
      *)
        if [ "$inside" = yes ]; then
          actual=$actual$line$newline
        else
          printf '%s\\n' "$line" >>"$lines.new"
        fi
        ;;
    esac
  done <"$lines"
  wanted=$(cat "$work/block" && echo .)
  wanted=\${wanted%.}
  [ "$actual" != "$wanted" ] || return 0
  differs lines "$wanted" "$actual"
  changing || return 0
  [ -z "$wanted" ] ||
    printf '%s\\n%s%s\\n' "# kiln: $2" "$wanted" "# kiln: end of $2" >>"$lines.new"
  mv -f "$lines.new" "$lines"
  write_file "$lines_path" print_lines "$3" '' ''
}

# swap_is PATH SIZE
swap_is() {
  fits=no
  if look "$1" && [ "$KIND" = file ] && [ "$SIZE" = "$2" ]; then fits=yes; fi
  if [ "$booted" = yes ] && [ "$container" = no ]; then
    active=no
    while read -r path rest; do [ "$path" != "$1" ] || active=yes; done </proc/swaps
    [ "$fits" = yes ] || differs size "$2" "\${SIZE:-none}"
    [ "$active" = yes ] || differs used yes no
    changing || return 0
    if [ "$fits" = no ]; then
      [ "$active" = no ] || try swapoff "$1" || return
      make_swap "$1" "$2" || return
      active=no
    fi
    [ "$active" = yes ] || try swapon "$1"
  fi
}

make_swap() {
  folder=\${1%/*}
  make_folders "\${folder:-/}" && look "$1" || return
  case $KIND in file | missing) ;; *) fail "$1 is there, and is no file" || return ;; esac
  stage || return
  name=\${1##*/}
  umask 077
  # On some filesystems a file for swapping may have no holes, so that it has to be written.
  { : >"./$name" && { chattr +C "./$name" 2>/dev/null || :; } &&
    { fallocate -l "$2" "./$name" 2>/dev/null || head -c "$2" /dev/zero >"./$name"; } && mkswap "./$name" && place "$name"; } ||
    fail "$1 could not be made"
  code=$?
  umask 022
  unstage
  return "$code"
}

no_swap() {
  if [ "$booted" = yes ] && [ "$container" = no ]; then
    while read -r path rest; do
      [ "$path" = "$1" ] || continue
      differs used no yes
      ! changing || try swapoff "$1" || return
    done </proc/swaps
  fi
  part absent "$1" no
}
`;
