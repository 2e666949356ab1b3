import { KilnError } from '../../base/errors.ts';
import type { Guest } from '../../guests/guest.ts';
import { shellQuote } from '../../guests/shell-quote.ts';
import { insecurePublicKeys } from '../../sources/boxes/insecure-keys.ts';
import { cleaningScript } from '../../supply/cleaning/cleaning-script.ts';

/**
 * Makes a machine what Vagrant expects of a box (https://developer.hashicorp.com/vagrant/docs/boxes/base): a user
 * vagrant who is let in with the keys that everybody has and with the password vagrant, and who becomes root without
 * one. What makes it this particular machine goes: keys of its SSH server, its id, histories.
 * @throws KilnError `step-failed`
 */
export async function openForVagrant(guest: Guest, signal: AbortSignal): Promise<void> {
  const said: string[] = [];
  const script = `set -e
id vagrant >/dev/null 2>&1 || useradd -m -s /bin/bash vagrant 2>/dev/null || adduser -D -s /bin/sh vagrant
echo vagrant:vagrant | chpasswd
home=$(getent passwd vagrant | cut -d: -f6)
group=$(id -gn vagrant)
mkdir -p "$home/.ssh"
file=$home/.ssh/authorized_keys
touch "$file"
[ -z "$(tail -c1 "$file")" ] || echo >> "$file"
${insecurePublicKeys.map((key) => `grep -qF ${shellQuote(key.split(' ')[1]!)} "$file" || echo ${shellQuote(key)} >> "$file"`).join('\n')}
chown -R "vagrant:$group" "$home/.ssh"
chmod 700 "$home/.ssh"
chmod 600 "$file"
mkdir -p /etc/sudoers.d
echo 'vagrant ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/90-vagrant
chmod 440 /etc/sudoers.d/90-vagrant
${hostKeysAtBoot}
sh -s <<'KILN_CLEANING'
${cleaningScript()}KILN_CLEANING
sync
`;
  const exit = await guest.exec({
    command: 'sudo -n sh -s',
    input: script,
    signal,
    onLine: (line) => said.push(line),
  });
  if (exit.kind === 'exited' && exit.code === 0) return;
  throw new KilnError('step-failed', `the machine could not be made a box: ${said.slice(-5).join(' ')}`, {
    hint: 'it needs sudo without a password; package it as it is with --as-is',
  });
}

/** Machines of Kiln make new keys for their SSH server by themselves; others are given a unit that does. */
const hostKeysAtBoot = `if [ ! -e /usr/lib/kiln/identity ] && [ -d /etc/systemd/system ]; then
  cat > /etc/systemd/system/ssh-host-keys.service <<'UNIT'
[Unit]
Description=SSH host keys of a new machine
Before=ssh.service sshd.service
ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A
[Install]
WantedBy=multi-user.target
UNIT
  systemctl enable ssh-host-keys.service >/dev/null 2>&1 || true
fi`;
