import { cleaningScript } from '../../supply/cleaning/cleaning-script.ts';
import type { Release } from './release.ts';

/** A file that the recipe puts into the image. */
export interface GuestFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** The login user of bootstrapped images. */
export const loginUser = 'kiln';

/**
 * Reads the machine's identity from SMBIOS OEM strings (SMBIOS 3.x, structure type 11; hosts/qemu/seed.ts writes
 * them) before the network and the SSH server start. Login keys go to /run only: an image never contains one.
 */
const identity = `#!/bin/sh
set -eu
LC_ALL=C
mkdir -p /run/kiln /var/lib/kiln
keys=
instance=
IFS='
'
for line in $(cat /sys/firmware/dmi/entries/11-*/raw 2>/dev/null | tr '\\0' '\\n' | sed -n 's/^.*kiln://p'); do
  case $line in
    authorized_key=*) keys="$keys\${line#*=}
" ;;
    hostname=*) name=\${line#*=} ;;
    instance=*) instance=\${line#*=} ;;
  esac
done
printf '%s' "$keys" > /run/kiln/authorized_keys
if [ -n "\${name:-}" ] && [ "$(cat /etc/hostname 2>/dev/null)" != "$name" ]; then
  echo "$name" > /etc/hostname
  echo "$name" > /proc/sys/kernel/hostname
  sed -i '/^127\\.0\\.1\\.1[[:space:]]/d' /etc/hosts
  echo "127.0.1.1 $name" >> /etc/hosts
fi
# A copy of a machine is another machine: it must not share the first one's host key.
known=$(cat /var/lib/kiln/instance 2>/dev/null || true)
if [ -n "$instance" ] && [ "$known" != "$instance" ]; then
  [ -z "$known" ] || rm -f /etc/ssh/ssh_host_*
  echo "$instance" > /var/lib/kiln/instance
fi
[ -s /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -C '' -f /etc/ssh/ssh_host_ed25519_key
# Take the whole disk when it has grown. Sizes in sectors of 512 bytes.
part=$(readlink -f /dev/disk/by-label/kiln-root 2>/dev/null || true)
if [ -n "$part" ]; then
  sys=$(readlink -f "/sys/class/block/\${part##*/}")
  disk=\${sys%/*}
  end=$(( $(cat "$sys/start") + $(cat "$sys/size") ))
  if [ $(( $(cat "$disk/size") - end )) -gt 4096 ]; then
    echo ', +' | sfdisk -q --no-reread --force -N "$(cat "$sys/partition")" "/dev/\${disk##*/}"
    partx -u "/dev/\${disk##*/}"
    resize2fs "$part"
  fi
fi
# What packages make when they are installed and machines must not share (supply/cleaning/volatile-files.ts).
if [ -f /usr/lib/kiln/remake ]; then
  mv /usr/lib/kiln/remake /run/kiln/remake
  sh /run/kiln/remake || true
fi
`;

const identityUnit = `[Unit]
Description=Kiln machine identity
DefaultDependencies=no
After=systemd-remount-fs.service systemd-udevd.service local-fs.target
Before=systemd-networkd.service ssh.service ssh.socket
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/kiln/identity
[Install]
WantedBy=multi-user.target
`;

const sshServer = `# Login keys that Kiln hands over live in /run and are never part of an image.
AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys2 /run/kiln/authorized_keys
HostKey /etc/ssh/ssh_host_ed25519_key
`;

const network = `[Match]
Name=en* eth*
[Network]
DHCP=yes
IPv6PrivacyExtensions=no
[DHCPv4]
ClientIdentifier=mac
`;

/** What the kernel is told. */
const kernelArguments = (rootUuid: string) =>
  `root=UUID=${rootUuid} ro quiet console=tty0 console=ttyS0,115200`;

const grub = (rootUuid: string) => `set timeout=0
if [ -s $prefix/grubenv ]; then load_env; fi
if [ -e /vmlinuz ]; then set at=/; else set at=/boot/; fi
linux \${at}vmlinuz ${kernelArguments(rootUuid)}
initrd \${at}initrd.img
boot
`;

/** What GRUB tells the kernel by this configuration of it; undefined unless it is the one that images begin with. */
export function argumentsByGrub(configuration: string): string | undefined {
  const uuid = /root=UUID=([\da-f-]{36}) /.exec(configuration)?.[1];
  return uuid !== undefined && configuration === grub(uuid) ? kernelArguments(uuid) : undefined;
}

const grubDefaults = `GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Kiln
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"
GRUB_TERMINAL="console serial"
`;

/** All files of the recipe for one image. */
export function guestFiles(release: Release, rootUuid: string): GuestFile[] {
  const name = `${release.distribution}${release.version.replace('.', '')}`;
  return [
    { path: '/usr/lib/kiln/identity', mode: 0o755, content: identity },
    // Run at the end of a build in a machine.
    { path: '/usr/lib/kiln/seal', mode: 0o755, content: cleaningScript() },
    { path: '/etc/systemd/system/kiln-identity.service', mode: 0o644, content: identityUnit },
    { path: '/etc/ssh/sshd_config.d/50-kiln.conf', mode: 0o644, content: sshServer },
    { path: '/etc/systemd/network/80-dhcp.network', mode: 0o644, content: network },
    { path: `/etc/sudoers.d/90-${loginUser}`, mode: 0o440, content: `${loginUser} ALL=(ALL) NOPASSWD:ALL\n` },
    { path: '/boot/grub/grub.cfg', mode: 0o600, content: grub(rootUuid) },
    { path: '/etc/default/grub', mode: 0o644, content: grubDefaults },
    { path: '/etc/fstab', mode: 0o644, content: `UUID=${rootUuid} / ext4 defaults,errors=remount-ro 0 1\n` },
    { path: '/etc/hostname', mode: 0o644, content: `${name}\n` },
    {
      path: '/etc/hosts',
      mode: 0o644,
      content: `127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 ${name}\n`,
    },
  ];
}
