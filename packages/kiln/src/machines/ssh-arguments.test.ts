import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type MachineRecord, machineFiles } from './machine-record.ts';
import { sshArguments, sshConfig } from './ssh-arguments.ts';

const record: MachineRecord = {
  schema: 1,
  id: '0a1b2c3d',
  name: 'web',
  createdAt: '2026-01-01T00:00:00.000Z',
  image: { description: 'debian/12', seeded: true },
  cpus: 1,
  memory: 2 ** 30,
  hostname: 'web',
  firmware: 'bios',
  user: 'kiln',
  sshPort: 2222,
  ports: [],
};

test('the ssh_config block is one that OpenSSH reads, with spaces and percent signs in paths', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kiln ssh %h '));
  try {
    const config = join(folder, 'config');
    const files = machineFiles(folder, record.id);
    writeFileSync(config, sshConfig(record, files));
    const read = execFileSync('ssh', ['-G', '-F', config, 'web'], { encoding: 'utf8' });
    assert.match(read, /^hostname 127\.0\.0\.1$/m);
    assert.match(read, /^port 2222$/m);
    assert.match(read, /^user kiln$/m);
    assert.match(read, /^stricthostkeychecking accept-new$/m);
    assert.ok(read.includes(`userknownhostsfile ${files.knownHosts}\n`), read);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a command goes last and a terminal only when asked for', () => {
  const files = machineFiles('/h', record.id);
  const plain = sshArguments(record, files, { command: 'true' });
  assert.deepEqual(plain.slice(-2), ['kiln-0a1b2c3d', 'true']);
  assert.ok(!plain.includes('-t') && !plain.includes('-T'));
  assert.ok(sshArguments(record, files, { terminal: true }).includes('-t'));
});

test('a control socket whose path would be too long is done without', () => {
  const files = machineFiles(`/${'x'.repeat(90)}`, record.id);
  assert.ok(!sshArguments(record, files).some((argument) => argument.startsWith('ControlPath')));
});
