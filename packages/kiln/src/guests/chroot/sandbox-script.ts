import { shellQuote } from '../shell-quote.ts';

/** What the tree of a sandbox is made of. Paths are absolute. */
export type SandboxRoot =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'overlay';
      /** Topmost first. */
      readonly lower: readonly string[];
      readonly upper: string;
      /** An empty folder on the filesystem of `upper`. */
      readonly work: string;
    };

/** Something of the host that is to be seen in the tree. */
export interface SandboxBind {
  /** Absolute path of a file or folder here. */
  readonly from: string;
  /** Absolute path in the tree. What is missing on the way there is made, and removed again at the end. */
  readonly to: string;
  readonly readOnly: boolean;
}

export interface SandboxSettings {
  readonly root: SandboxRoot;
  readonly binds: readonly SandboxBind[];
  /** `host`: commands use the host's network and its resolv.conf. `none`: they have only a loopback interface. */
  readonly network: 'host' | 'none';
  readonly hostname: string;
  /** False when it runs in a user namespace. */
  readonly asRoot: boolean;
}

/*
 * Two processes hold a sandbox. The keeper, in a mount namespace of its own, puts the tree together below a tmpfs and
 * removes afterwards what it had to add to the tree: mount points that were not there. Its child is the first process
 * of the pid namespace; it makes the tmpfs its root, so that nothing of the host can be reached from the tree, even by
 * who breaks out of it. Both end when their standard input does: at the end of Kiln, whatever its reason.
 */

/** The script of the keeper. It prints `ready PID PATH`: commands go to that process, the tree is PATH for it. */
export function sandboxScript(settings: SandboxSettings): string {
  return [
    ...['set -u', 'umask 022', `PATH=${systemPath}`, 'export PATH', helpers],
    mountRoot(settings.root),
    devices,
    settings.asRoot ? ownSys : borrowedSys,
    `${mountAt('run')} -t tmpfs -o mode=755,nosuid,nodev kiln "$tree/run" || quit 'nothing can be mounted on /run'`,
    `${addFolder} proc`,
    'mkdir -m 1777 "$tree/run/lock"',
    ...(settings.network === 'host' ? [resolver] : []),
    servicePolicy,
    ...settings.binds.map(bind),
    start(settings),
    'clean',
  ].join('\n');
}

export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const addFolder = 'add_folder';
const mountAt = (path: string) => `${addFolder} ${path} && note m ${path} && mount`;

/*
 * The log is links in the tmpfs, in the order of what was done: `m` a mount, `d` a folder and `f` a file that was made
 * for it. Links in the tree are not followed: an absolute one would lead to the host.
 */
const helpers = `
base=$(mktemp -d "\${KILN_SCRATCH:-/tmp}/kiln-tree.XXXXXX") || exit 1
mount -t tmpfs -o mode=755,size=64m kiln "$base" || { rmdir "$base"; exit 1; }
tree=$base/tree
count=0
mkdir "$tree" "$base/old" "$base/log" "$base/layers"
placeholder='# Kiln mounts something here'
is_placeholder() {
  [ -f "$1" ] && [ ! -L "$1" ] && read -r line <"$1" && [ "$line" = "$placeholder" ]
}
clean() {
  while [ "$count" -gt 0 ]; do
    for entry in "$base/log/$count".?; do
      path=$(readlink "$entry"; echo .)
      path=$tree/\${path%??}
      case $entry in
        *.m) umount -l "$path" ;;
        *.d) rmdir "$path" 2>/dev/null ;;
        *.f) ! is_placeholder "$path" || rm -f "$path" ;;
      esac
    done
    count=$((count - 1))
  done
  cd /
  umount "$tree" 2>/dev/null || umount -l "$tree" 2>/dev/null
  umount -l "$base"
  rmdir "$base"
}
quit() {
  echo "failed $1"
  clean
  exit 1
}
note() {
  count=$((count + 1))
  ln -s "$2" "$base/log/$count.$1"
}
add_folder() {
  case $1 in */*) add_folder "\${1%/*}" ;; esac
  [ -L "$tree/$1" ] && quit "/$1 is a link in the tree, and nothing can be mounted there"
  [ -d "$tree/$1" ] && return
  mkdir "$tree/$1" || quit "the folder /$1 cannot be made in the tree"
  note d "$1"
}
add_file() {
  case $1 in */*) add_folder "\${1%/*}" ;; esac
  [ -L "$tree/$1" ] && quit "/$1 is a link in the tree, and nothing can be mounted there"
  if [ ! -e "$tree/$1" ]; then
    echo "$placeholder" >"$tree/$1" || quit "the file /$1 cannot be made in the tree"
  fi
  # It may also be one that a sandbox before this one was kept from removing.
  ! is_placeholder "$tree/$1" || note f "$1"
}
# In a user namespace the flags that a mount has elsewhere must be kept.
read_only() {
  for flags in '' ,nosuid ,nodev ,nosuid,nodev ,nosuid,nodev,noexec; do
    mount -o "remount,bind,ro$flags" "$1" 2>/dev/null && return
  done
  quit "\${1#"$tree"} cannot be made read-only"
}`;

/** Layers go by short names: the kernel takes a page of options, and no colons or commas in paths. */
function mountRoot(root: SandboxRoot): string {
  const failed = "|| quit 'the tree cannot be mounted'";
  if (root.kind === 'directory') return `mount --rbind ${shellQuote(root.path)} "$tree" ${failed}`;
  const names = root.lower.map((_, index) => String(index));
  const links = [
    ...root.lower.map((path, index) => [path, String(index)] as const),
    [root.upper, 'u'] as const,
    [root.work, 'w'] as const,
  ];
  return [
    'cd "$base/layers"',
    ...links.map(([path, name]) => `ln -s ${shellQuote(path)} ${name}`),
    `options=lowerdir=${names.join(':')},upperdir=u,workdir=w`,
    // Ordinary users may not set the attributes that overlayfs uses by itself.
    `[ "$KILN_USER_NAMESPACE" = no ] || options=$options,userxattr`,
    `mount -t overlay -o "$options" kiln "$tree" ${failed}`,
    'cd /',
  ].join('\n');
}

/** Nodes are the host's: a user namespace cannot make any. */
const devices = `
${mountAt('dev')} -t tmpfs -o mode=755,nosuid,noexec kiln "$tree/dev" || quit 'nothing can be mounted on /dev'
for name in null zero full random urandom tty; do
  : >"$tree/dev/$name"
  mount --bind "/dev/$name" "$tree/dev/$name" || quit "/dev/$name cannot be shown in the tree"
done
mkdir "$tree/dev/pts" "$tree/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$tree/dev/pts" 2>/dev/null ||
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$tree/dev/pts" ||
  quit 'nothing can be mounted on /dev/pts'
mount -t tmpfs -o mode=1777,nosuid,nodev kiln "$tree/dev/shm" || quit 'nothing can be mounted on /dev/shm'
ln -s pts/ptmx "$tree/dev/ptmx"
ln -s /proc/self/fd "$tree/dev/fd"
ln -s fd/0 "$tree/dev/stdin"
ln -s fd/1 "$tree/dev/stdout"
ln -s fd/2 "$tree/dev/stderr"`;

const ownSys = `
${mountAt('sys')} -t sysfs -o ro,nosuid,nodev,noexec sysfs "$tree/sys" || quit 'nothing can be mounted on /sys'`;

/** Who has no network of its own may not mount sysfs. */
const borrowedSys = `
${mountAt('sys')} --rbind /sys "$tree/sys" && read_only "$tree/sys"`;

/**
 * The tree's own resolv.conf stays within reach at /run/kiln/resolv.conf. A link, as systemd-resolved has it, leads
 * below /run, where nothing is of the tree.
 */
const resolver = `
if [ -e /etc/resolv.conf ]; then
  cat /etc/resolv.conf >"$base/resolv.conf"
  if [ -L "$tree/etc/resolv.conf" ]; then
    target=$(readlink "$tree/etc/resolv.conf")
    case $target in
      *..*..*..*) ;;
      /run/*) target=\${target#/run/} ;;
      ../run/*) target=\${target#../run/} ;;
      *) target=. ;;
    esac
    case $target in
      .|*..*) ;;
      *)
        mkdir -p "$tree/run/$(dirname "$target")"
        cat "$base/resolv.conf" >"$tree/run/$target"
        ;;
    esac
  elif [ -d "$tree/etc" ]; then
    add_file etc/resolv.conf
    mkdir "$tree/run/kiln"
    : >"$tree/run/kiln/resolv.conf" # to mount over
    mount --bind "$tree/etc/resolv.conf" "$tree/run/kiln/resolv.conf"
    note m etc/resolv.conf
    mount --bind "$base/resolv.conf" "$tree/etc/resolv.conf" || quit '/etc/resolv.conf cannot be lent to the tree'
  fi
fi`;

/** Debian's packages ask this program whether they may start a service (invoke-rc.d(8)). */
const servicePolicy = `
if [ -d "$tree/var/lib/dpkg" ] && [ -d "$tree/usr/sbin" ] && [ ! -L "$tree/usr/sbin" ] && [ ! -L "$tree/usr" ]; then
  printf '#!/bin/sh\\nexit 101\\n' >"$base/policy-rc.d"
  chmod 755 "$base/policy-rc.d"
  add_file usr/sbin/policy-rc.d
  note m usr/sbin/policy-rc.d
  mount --bind "$base/policy-rc.d" "$tree/usr/sbin/policy-rc.d" || quit 'service starts cannot be held back'
fi`;

function bind({ from, to, readOnly }: SandboxBind): string {
  const source = shellQuote(from);
  const target = shellQuote(to.replace(/^\/+/, ''));
  return [
    `if [ -d ${source} ]; then add_folder ${target}; else add_file ${target}; fi`,
    `note m ${target}`,
    `mount --rbind ${source} "$tree"/${target} || quit "${'$'}(printf %s ${source}) cannot be shown in the tree"`,
    ...(readOnly ? [`read_only "$tree"/${target}`] : []),
  ].join('\n');
}

/**
 * Left of the pipe is who waits for the end of the keeper's input; that end is passed on through the pipe. The line
 * before it shows the first process that its own \`cat\` has been loaded, which it cannot be any more once the host's
 * files are gone.
 */
function start({ network, hostname, asRoot }: SandboxSettings): string {
  const flags = ['--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  if (network === 'none') flags.push('--net');
  const first = shellQuote(firstProcess(hostname, asRoot));
  return `for entry in /*; do ln -s "old$entry" "$base/\${entry##*/}" 2>/dev/null; done
{ echo; cat >/dev/null; :; } | unshare ${flags.join(' ')} -- /bin/sh -c ${first} sh "$base"`;
}

/**
 * The host's programs are still needed when its files have moved to /old, and find their libraries through links of
 * the same names. Reaping is left to `wait`: it takes every child that ends.
 */
function firstProcess(hostname: string, asRoot: boolean): string {
  const shield = `
for name in sys irq bus fs sysrq-trigger; do
  [ -e "tree/proc/$name" ] || continue
  mount --bind "tree/proc/$name" "tree/proc/$name" && mount -o remount,bind,ro "tree/proc/$name"
done`;
  return `
read -r pid rest </proc/self/stat
cd "$1"
mount -t proc -o nosuid,nodev,noexec proc tree/proc || { echo 'failed nothing can be mounted on /proc'; exit 1; }
hostname ${shellQuote(hostname)} 2>/dev/null || echo ${shellQuote(hostname)} 2>/dev/null >/proc/sys/kernel/hostname
ip link set lo up 2>/dev/null
${asRoot ? shield : ''}
exec 3<&0 </dev/null
mkfifo awake
cat <&3 >awake &
waiter=$!
read -r line <awake
path=$1/tree
if pivot_root . old 2>/dev/null; then
  cd /
  umount -l /old && path=/tree
fi
echo "ready $pid $path"
wait "$waiter"`;
}
