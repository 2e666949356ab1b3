import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { namespaceObstacle } from '../base/user-namespace.ts';
import { makeWorkshop, type Workshop } from './testing.ts';

/** The store that long tests share, so that the system is installed once a host (scripts/test.ts sets it). */
const sharedHome = process.env.KILN_TEST_HOME ?? join(homedir(), '.cache', 'kiln', 'test');

const project = `kiln: 1
images:
  capture-byhand:
    from: debian/12
    builder: rootfs
    steps:
      - run: |
          set -e
          export DEBIAN_FRONTEND=noninteractive
          apt-get -q update
          apt-get -q -y install --no-install-recommends nginx-light
          apt-get -q -y purge less
          sed -i 's/# server_tokens off;/server_tokens off;/' /etc/nginx/nginx.conf
          rm /etc/nginx/sites-enabled/default
          useradd -m -s /bin/bash -G sudo deploy
          useradd -m -u 1500 -s /bin/sh alice
          printf '#!/bin/sh\\ntrue\\n' >/usr/local/bin/backup && chmod 755 /usr/local/bin/backup
          printf '[Service]\\nType=oneshot\\nExecStart=/usr/local/bin/backup\\n' >/etc/systemd/system/backup.service
          printf '[Timer]\\nOnCalendar=daily\\n[Install]\\nWantedBy=timers.target\\n' >/etc/systemd/system/backup.timer
          systemctl enable backup.timer
          echo 'net.core.somaxconn = 1024' >/etc/sysctl.d/60-web.conf
  capture-again:
    from: debian/12
    builder: rootfs
    profile: ./captured/kiln.profile.yaml
`;

test('an image made by hand is captured, and the image that is built from that differs in nothing', {
  timeout: 900_000,
}, async (t) => {
  const obstacle = await namespaceObstacle();
  if (obstacle) return t.skip(obstacle.message);
  const workshop = makeWorkshop(
    t,
    { 'kiln.yaml': project, 'captured/kiln.profile.yaml': 'profile: 1\n' },
    { KILN_HOME: sharedHome },
  );
  try {
    await captureAndBuild(workshop);
  } finally {
    await workshop.kiln('image', 'remove', '--force', 'capture-byhand', 'capture-again');
  }
});

async function captureAndBuild({ folder, kiln }: Workshop): Promise<void> {
  const byHand = await kiln('build', '--only', 'capture-byhand');
  assert.equal(byHand.code, 0, byHand.stderr);
  const captured = await kiln(
    'profile',
    'capture',
    'image:capture-byhand',
    '-o',
    'captured',
    '--force',
    '--name',
    'web',
  );
  assert.deepEqual([captured.code, captured.stderr.match(/warning.*/g)], [0, null], captured.stderr);
  const text = readFileSync(join(folder, 'captured/kiln.profile.yaml'), 'utf8');
  const sections = [...text.matchAll(/^(\w+):/gm)].map((match) => match[1]);
  assert.deepEqual(sections, ['profile', 'name', 'os', 'packages', 'users', 'files', 'services'], text);
  assert.match(
    text,
    /\npackages:\n {2}- nginx-light\n {2}# Taken away from the bare system:\n {2}- \{ name: less, absent: true \}\n/,
  );

  const again = await kiln('build', '--only', 'capture-again');
  assert.equal(again.code, 0, again.stderr);
  const difference = await kiln('image', 'diff', 'image:capture-byhand', 'image:capture-again', '--files');
  assert.match(
    difference.stdout,
    /^nothing that matters differs(; \d+ more do not matter \(--all shows them\))?\n$/,
  );
  assert.equal(difference.code, 0);
  const check = await kiln('profile', 'diff', 'captured/kiln.profile.yaml', 'image:capture-byhand');
  assert.deepEqual([check.code, check.stdout], [0, 'nothing that matters differs\n']);
}
