import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Guest } from '../../guests/guest.ts';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import type { Profile } from '../../plan/profile.ts';
import { applied } from '../apply/testing/applied.ts';
import { debianObstacle, debianSystem } from '../apply/testing/debian-system.ts';
import { compareStates } from '../diff/compare-states.ts';
import { stateOfInventory } from '../diff/state-of-inventory.ts';
import { stateOfProfile } from '../diff/state-of-profile.ts';
import type { Difference } from '../diff/system-state.ts';
import { guestSystem } from '../inventory/guest-system.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { readInventory } from '../inventory/read-inventory.ts';
import { readProfile } from '../language/read-profile.ts';
import { bareSystemOf } from './bare-system.ts';
import { captureProfile } from './capture-profile.ts';
import type { CapturedProfile } from './captured-profile.ts';
import { writeCaptured } from './write-captured.ts';

const skip = (await debianObstacle()) ?? false;

/** What somebody may do to a machine by hand over the years. */
const byHand = `
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y install --no-install-recommends nginx-light openssh-server
apt-get -q -y purge busybox
apt-mark hold procps
sed -i 's/# server_tokens off;/server_tokens off;/' /etc/nginx/nginx.conf
rm /etc/nginx/sites-enabled/default /etc/nginx/fastcgi.conf
printf 'server {\\n\\tlisten 8080;\\n\\troot /srv/site;\\n}\\n' >/etc/nginx/sites-available/site
ln -s ../sites-available/site /etc/nginx/sites-enabled/site
mkdir -p /srv/site && echo '<h1>It works</h1>' >/srv/site/index.html && chown -R www-data:www-data /srv/site
useradd -m -s /bin/bash -c Deployment -G sudo,www-data deploy
useradd -m -u 1500 -s /bin/sh alice
useradd -r -d /var/lib/app -s /usr/sbin/nologin app
groupadd -g 2000 team && usermod -a -G team alice
install -d -m 700 -o deploy -g deploy /home/deploy/.ssh
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGqpHJZ1Q2vvSgSmZ0p0gPnXDW6u3jvQkVZ4yJ8dJ0Zb deploy@laptop' >/home/deploy/.ssh/authorized_keys
chown deploy:deploy /home/deploy/.ssh/authorized_keys && chmod 600 /home/deploy/.ssh/authorized_keys
echo "alias ll='ls -l'" >>/home/alice/.bashrc
echo 'deploy ALL=(ALL) NOPASSWD: /usr/bin/systemctl restart nginx' >/etc/sudoers.d/deploy && chmod 440 /etc/sudoers.d/deploy
printf '#!/bin/sh\\ntar -cf /var/backups/site.tar /srv/site\\n' >/usr/local/bin/backup && chmod 755 /usr/local/bin/backup
printf '[Unit]\\nDescription=Backup\\n[Service]\\nType=oneshot\\nExecStart=/usr/local/bin/backup\\n' >/etc/systemd/system/backup.service
printf '[Timer]\\nOnCalendar=daily\\nPersistent=true\\n[Install]\\nWantedBy=timers.target\\n' >/etc/systemd/system/backup.timer
mkdir -p /etc/systemd/system/nginx.service.d
printf '[Service]\\nMemoryMax=512M\\n' >/etc/systemd/system/nginx.service.d/limits.conf
systemctl enable backup.timer
systemctl disable ssh.service
systemctl mask fstrim.timer
printf '# for many connections\\nnet.core.somaxconn = 1024\\n' >/etc/sysctl.d/60-web.conf
echo br_netfilter >/etc/modules-load.d/web.conf
echo 'deploy soft nofile 65536' >/etc/security/limits.d/deploy.conf
printf 'MAILTO=ops@example.org\\n30 3 * * * root /usr/local/bin/backup\\n' >/etc/cron.d/backup
echo '@daily alice true' >/etc/cron.d/daily
echo web-1 >/etc/hostname
ln -sf /usr/share/zoneinfo/Europe/Berlin /etc/localtime && echo Europe/Berlin >/etc/timezone
sed -i 's/^# de_DE.UTF-8/de_DE.UTF-8/' /etc/locale.gen && locale-gen >/dev/null
echo 'LANG=de_DE.UTF-8' >/etc/default/locale
echo '10.0.0.5 db db.example.org' >>/etc/hosts
echo 'EDITOR=vim' >>/etc/environment
install -d -m 750 -o app -g app /opt/app/data
head -c 5000 /dev/urandom >/opt/app/blob.bin
install -d -m 700 /etc/app
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\\n-----END OPENSSH PRIVATE KEY-----\\n' >/etc/app/key
`;

interface Captured {
  readonly captured: CapturedProfile;
  readonly inventory: Inventory;
  readonly profile: Profile;
  readonly scratch: string;
}

async function captureFrom(t: TestContext, machine: Guest, bare: Guest): Promise<Captured> {
  const scratch = await temporaryFolder(t);
  const system = guestSystem(machine, 'the machine web');
  const inventory = await readInventory(system);
  const captured = await captureProfile(inventory, system, {
    name: 'web',
    folder: 'files',
    passwordHashes: false,
    bare: bareSystemOf(await readInventory(guestSystem(bare, 'the bare system'))),
  });
  const path = join(scratch, 'kiln.profile.yaml');
  await writeCaptured(captured, path, { secret: false });
  const text = readFileSync(path, 'utf8');
  const { profile, diagnostics } = readProfile({
    file: path,
    text,
    parameters: {},
    env: {},
    bases: new Map(),
  });
  assert.deepEqual(diagnostics, [], text);
  return { captured, inventory, profile: profile!, scratch };
}

function thatMatter(differences: readonly Difference[]): Difference[] {
  return differences.filter(({ matters }) => matters);
}

test('a machine configured by hand is captured, built again from the bare system, and differs in nothing but its secret', {
  skip,
}, async (t) => {
  const machine = await debianSystem(t, { network: 'host' });
  const bare = await debianSystem(t, { network: 'host' });
  await machine.sh(byHand);
  const { captured, inventory, profile, scratch } = await captureFrom(t, machine.guest, bare.guest);
  assert.deepEqual(captured.secrets, [{ name: '/etc/app/key, line 1', what: 'an OpenSSH private key' }]);
  assert.deepEqual(
    profile.packages.map(({ name, state, held }) => [name, state, held]),
    [
      ['nginx-light', 'present', undefined],
      ['openssh-server', 'present', undefined],
      ['procps', 'present', true],
      ['busybox', 'absent', undefined],
    ],
  );

  // Nothing that is said is not so there.
  assert.deepEqual(compareStates(await stateOfProfile(profile, 'profile'), stateOfInventory(inventory)), []);
  assert.deepEqual((await applied(machine.guest, profile, 'check', scratch)).told, []);

  // And all that there is, is said.
  const built = await applied(bare.guest, profile, 'apply', scratch);
  assert.equal(built.counts.failed + built.counts.skipped, 0, built.told.join('\n'));
  assert.deepEqual((await applied(bare.guest, profile, 'check', scratch)).told, []);
  const again = await readInventory(guestSystem(bare.guest, 'built'));
  const left = thatMatter(compareStates(stateOfInventory(inventory), stateOfInventory(again)));
  assert.deepEqual(
    left.map(({ section, kind, name }) => [section, kind, name]),
    [['files', 'removed', '/etc/app/key']],
  );
});
