/**
 * Looks at what folders of a machine are, and mounts those that can be: as root, in one go. The first argument is
 * the name of the user that logs in. Then six for each folder: its number, path (`~` is that home),
 * owner, group (names, numbers, or nothing for the user), the way (`9p TAG`, `virtiofs TAG`, `nfs PATH`, `copy`) and options
 * of mount(8).
 *
 *     tools gnu-find|stat [rsync]     where a folder is copied
 *     folder NUMBER UID GID PATH      where it is, and whose it is to be
 *     mounted NUMBER                  files of the host are there
 *     not NUMBER REASON               it could not be mounted
 *     : KIND MODE SIZE TIME UID GID PATH<NUL>TARGET     what is in a folder that is copied (GNU find)
 *     ; HEX-MODE SIZE TIME UID GID ./PATH               the same by stat
 */
export const folderScript = String.raw`
set -u
export LC_ALL=C
login=$1
shift
home= login_uid= login_gid=
while IFS=: read -r name password uid gid gecos folder shell; do
  [ "$name" = "$login" ] && { login_uid=$uid login_gid=$gid home=$folder; break; }
done </etc/passwd
if [ -z "$login_uid" ]; then
  login_uid=$(id -u "$login") login_gid=$(id -g "$login")
  home=$(eval "echo ~$login")
fi
tools=
name_tools() {
  [ -z "$tools" ] || return 0
  tools=stat
  find / -maxdepth 0 -printf '' 2>/dev/null && tools=gnu-find
  if command -v rsync >/dev/null 2>&1; then echo "tools $tools rsync"; else echo "tools $tools"; fi
}

id_in() { # FILE NAME FIELD
  while IFS=: read -r name password number more; do
    [ "$name" = "$2" ] && { if [ "$3" = group ]; then echo "${'$'}{more%%:*}"; else echo "$number"; fi; return; }
  done <"$1"
}

owner_of() {
  case $1 in
    '') uid=$login_uid ;;
    *[!0-9]*) uid=$(id_in /etc/passwd "$1" uid); [ -n "$uid" ] || uid=$(id -u "$1" 2>/dev/null) || uid= ;;
    *) uid=$1 ;;
  esac
  case $2 in
    '') case $1 in '') gid=$login_gid ;; *) gid=$(id -g "$1" 2>/dev/null) || gid=$uid ;; esac ;;
    *[!0-9]*) gid=$(id_in /etc/group "$2" gid); [ -n "$gid" ] || gid=$(getent group "$2" 2>/dev/null | cut -d: -f3) ;;
    *) gid=$2 ;;
  esac
}

# What is mounted at a place as a folder of ours: its source, or nothing.
mounted_at() {
  current=
  while read -r source place type rest; do
    [ "$place" = "$1" ] || continue
    case $type in 9p | virtiofs | nfs) current=$source; return 0 ;; esac
  done </proc/mounts
  return 1
}

mount_folder() { # WAY SOURCE
  mounted_at "$spath"
  [ "$current" = "$2" ] && return 0
  [ -z "$current" ] || umount "$path" 2>/dev/null || umount -l "$path"
  [ "$1" = 9p ] && modprobe 9pnet_virtio 2>/dev/null
  # Not by a helper program: it may not be there, and the kernel needs none. It gets its module by itself.
  words=$(mount -i -t "$1" -o "$options" "$2" "$path" 2>&1) && return 0
  while read -r first second; do [ "$second" = "$1" ] && second=found && break; done </proc/filesystems
  [ "$second" = found ] || { reason="the machine's kernel has no $1"; return 1; }
  reason=$(echo "mount: $words" | tr '\n' ' ')
  return 1
}

fstab=
while [ $# -ge 6 ]; do
  number=$1 path=$2 owner=$3 group=$4 way=$5 options=$6
  shift 6
  case $path in '~') path=$home ;; '~'/*) path=$home/${'$'}{path#??} ;; esac
  owner_of "$owner" "$group"
  if [ -z "$uid" ] || [ -z "$gid" ]; then
    echo "unknown $number $owner${'$'}{group:+:$group}"
    continue
  fi
  [ -d "$path" ] || mkdir -p "$path" || { echo "failed $number $path cannot be made"; continue; }
  # As /proc/mounts and fstab(5) write it.
  case $path in
    *' '*) spath=$(printf '%s' "$path" | sed 's/ /\\040/g') ;;
    *) spath=$path ;;
  esac
  echo "folder $number $uid $gid $path"
  tag=${'$'}{way#* }
  kind=${'$'}{way%% *}
  boot=nofail
  if [ "$kind" = nfs ]; then
    tag=$tag/$uid/$gid
    boot=nofail,_netdev
    # The first look mounts it, and nobody waits for the network.
    [ -d /run/systemd/system ] && boot=noauto,nofail,_netdev,x-systemd.automount
  fi
  if [ "$kind" != copy ]; then
    if mount_folder "$kind" "$tag"; then
      echo "mounted $number"
      fstab="$fstab$tag $spath $kind $options,$boot 0 0
"
      continue
    fi
    echo "not $number $reason"
  fi
  # Something else is mounted there: an earlier start may have done it in another way.
  while mounted_at "$spath"; do umount "$path" 2>/dev/null || umount -l "$path" || break; done
  name_tools
  chown "$uid:$gid" "$path"
  cd "$path" || continue
  case $tools in
    gnu-find) find . -mindepth 1 -xdev -printf ": %y %m %s %T@ %U %G %P\0%l\n" ;;
    *) find . -mindepth 1 -xdev -exec stat -c '; %f %s %Y %u %g %n' {} + ;;
  esac
  cd /
done

if [ -f /etc/fstab ]; then
  old= new= inside=0
  while IFS= read -r line || [ -n "$line" ]; do
    old="$old$line
"
    case $line in
      '# kiln: begin') inside=1 ;;
      '# kiln: end') inside=0 ;;
      *) [ $inside = 1 ] || new="$new$line
" ;;
    esac
  done </etc/fstab
  [ -z "$fstab" ] || new="$new# kiln: begin
$fstab# kiln: end
"
  [ "$old" = "$new" ] || printf '%s' "$new" >/etc/fstab
fi
exit 0
`;

/** Takes mounts away before a machine is saved, which QEMU refuses while there are any. Says `busy PATH` for each that is in use. */
export const unmountScript = String.raw`
set -u
status=0
grep -E '^kiln(fs)?[0-9]+ [^ ]+ (9p|virtiofs) ' /proc/mounts | while read -r tag path kind rest; do
  path=$(printf '%b' "$(echo "$path" | sed 's/\\040/ /g')")
  umount "$path" 2>/dev/null || echo "busy $path"
done
exit 0
`;
