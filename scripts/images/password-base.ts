import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A base with a password login, as a template's author would have one: made by Kiln, then a plain local qcow2. */
const basePlan = `kiln: 1
images:
  bench-base:
    from: debian/12
    steps:
      - run: |
          echo kiln:kiln | chpasswd
          sed -i 's/^PasswordAuthentication.*//' /etc/ssh/sshd_config
          echo 'PasswordAuthentication yes' > /etc/ssh/sshd_config.d/10-password.conf
    outputs:
      - disk: { path: base.qcow2, format: qcow2 }
`;

/** Makes the base image in a folder. @returns its path */
export function makePasswordBase(kiln: readonly [string, ...string[]], folder: string, home: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'kiln.yaml'), basePlan);
  execFileSync(kiln[0], [...kiln.slice(1), 'build', '--force'], {
    cwd: folder,
    env: { ...process.env, KILN_HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(folder, 'base.qcow2');
}
