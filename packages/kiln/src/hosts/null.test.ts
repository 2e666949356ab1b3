import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startSshd } from '../guests/testing/sshd.ts';
import { sshDefaults } from '../plan/communicator.ts';
import { nullHost } from './null.ts';
import { openBench } from './testing/host-bench.ts';

test('steps run on a machine that is there already, and nothing is made', async () => {
  const bench = await openBench();
  const sshd = await startSshd();
  try {
    const privateKeyFile = `${bench.folder}/key`;
    await writeFile(privateKeyFile, sshd.key.privateKey, { mode: 0o600 });
    const communicator = {
      ...sshDefaults,
      host: '127.0.0.1',
      port: sshd.port,
      username: sshd.username,
      privateKeyFile,
    };
    const source = { kind: 'null', communicator } as const;
    assert.deepEqual(await nullHost.check(source), []);
    const machine = await nullHost.start(source, bench.context);
    assert.deepEqual(
      [machine.values['Host'], machine.values['Port'], machine.values['User'], machine.values['ConnType']],
      ['127.0.0.1', String(sshd.port), sshd.username, 'ssh'],
    );
    const lines: string[] = [];
    await machine.guest.exec({ command: 'echo here', onLine: (line) => lines.push(line) });
    assert.deepEqual(lines, ['here']);
    const artifact = await machine.finish();
    assert.deepEqual([artifact.builderId, artifact.id, artifact.files], ['fnoeding.null', 'Null', []]);
    await artifact.destroy();
  } finally {
    await sshd.stop();
    await bench.close();
  }
});

test('without a host to use the null source is refused', async () => {
  const bench = await openBench();
  const source = { kind: 'null', communicator: { ...sshDefaults, username: 'x' } } as const;
  assert.match((await nullHost.check(source))[0]!, /ssh_host is missing/);
  await assert.rejects(nullHost.start(source, bench.context), { code: 'template-invalid' });
  await bench.close();
});

test('certificates are refused by name before anything is connected to', async () => {
  const ssh = { ...sshDefaults, username: 'x', host: 'y' };
  const bastion = { host: 'b', port: 22, username: 'x', agentAuth: false, interactive: false };
  for (const [communicator, name] of [
    [{ ...ssh, privateKeyFile: 'k', certificateFile: 'c' }, /^ssh_certificate_file: /],
    [{ ...ssh, bastion: { ...bastion, certificateFile: 'c' } }, /^ssh_bastion_certificate_file: /],
  ] as const) {
    const [problem, ...others] = await nullHost.check({ kind: 'null', communicator });
    assert.match(problem!, name);
    assert.deepEqual(others, []);
  }
});

test('without a communicator only local steps can run', async () => {
  const bench = await openBench();
  const machine = await nullHost.start({ kind: 'null', communicator: { kind: 'none' } }, bench.context);
  await assert.rejects(machine.guest.exec({ command: 'true' }), { code: 'unsupported' });
  await machine.abandon({ keep: false });
  await bench.close();
});
