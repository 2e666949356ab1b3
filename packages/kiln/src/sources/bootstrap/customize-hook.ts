import { loginUser } from './guest-files.ts';

const biosModules =
  'biosdisk part_gpt part_msdos ext2 normal linux configfile search search_fs_uuid test echo loadenv serial terminal';
const efiModules =
  'part_gpt part_msdos ext2 normal linux configfile search search_fs_uuid test echo loadenv serial terminal efi_gop all_video';

/**
 * What is done inside a new tree before mmdebstrap cleans it up: the recipe's files, the boot loader, the login user,
 * the services, the initrd.
 * @param files a folder with the recipe's files
 * @param sources lines of sources.list(5) for the finished system
 */
export function customizeHook(files: string, sources: readonly string[]): string {
  return `#!/bin/sh
set -eu
root=$1
mkdir -p "$root/boot/grub"
cp -r "$root/usr/lib/grub/i386-pc" "$root/boot/grub/i386-pc"
rm -f "$root/boot/grub/i386-pc"/*.img "$root/boot/grub/i386-pc"/*.image
chroot "$root" grub-mkimage -O i386-pc -p '(,gpt3)/boot/grub' -o /boot/grub/core.img ${biosModules}
chroot "$root" grub-mkimage -O x86_64-efi -p '(,gpt3)/boot/grub' -o /boot/grub/bootx64.efi ${efiModules}
cp -r "${files}/." "$root/"
chroot "$root" chown -R root:root /usr/lib/kiln /etc/systemd /etc/ssh/sshd_config.d /etc/sudoers.d /boot/grub /etc/default/grub /etc/fstab /etc/hostname /etc/hosts
chroot "$root" useradd -m -s /bin/bash -c '' ${loginUser}
chroot "$root" usermod -p '*' ${loginUser}
chroot "$root" usermod -p '*' root
chroot "$root" systemctl enable systemd-networkd.service systemd-resolved.service kiln-identity.service ssh.service
chroot "$root" systemctl disable apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service
chroot "$root" update-initramfs -c -k all
# Beside the link that the kernel's package made goes one to the initrd.
for link in "$root/vmlinuz" "$root/boot/vmlinuz"; do
  [ ! -L "$link" ] || ln -sf "$(readlink "$link" | sed s/vmlinuz-/initrd.img-/)" "\${link%vmlinuz}initrd.img"
done
rm -f "$root"/*.old "$root"/boot/*.old
rm -f "$root/etc/resolv.conf" "$root"/etc/ssh/ssh_host_*
ln -s /run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
# The settings by which this host reaches its mirror are no business of the image.
rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap"
: > "$root/etc/machine-id"
${replaceSources(sources)}`;
}

/** Lines go through a here-document: they are no words of the shell. */
function replaceSources(lines: readonly string[]): string {
  return `rm -f "$root"/etc/apt/sources.list.d/*
cat > "$root/etc/apt/sources.list" <<'KILN-SOURCES'
${lines.join('\n')}
KILN-SOURCES
`;
}
