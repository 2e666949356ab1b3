import assert from 'node:assert/strict';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBench } from '../testing/host-bench.ts';
import { displayFor } from './display.ts';
import { copyEfiVars, findEfiFiles } from './efi.ts';
import { hostAddressForGuests, parseNeighbours } from './network.ts';
import { startTpm } from './tpm.ts';

const displays = ['none', 'gtk', 'sdl'];
const desktop = { DISPLAY: ':0' };
const table: readonly (readonly [string, Parameters<typeof displayFor>, string | undefined])[] = [
  ['a headless machine with VNC', [{ headless: true }, true, displays, desktop], undefined],
  ['a headless machine without VNC', [{ headless: true }, false, displays, desktop], 'none'],
  ['a machine on a desktop', [{ headless: false }, true, displays, desktop], 'gtk'],
  ['a machine on a host without a desktop', [{ headless: false }, true, displays, {}], undefined],
  ['a QEMU built without windows', [{ headless: false }, true, ['none'], desktop], undefined],
  [
    'a window that was chosen',
    [{ headless: false, display: 'sdl,gl=on' }, true, displays, desktop],
    'sdl,gl=on',
  ],
  [
    'a window that was chosen on a host without a desktop',
    [{ headless: false, display: 'sdl' }, false, displays, {}],
    'none',
  ],
  [
    'a display that needs no desktop',
    [{ headless: false, display: 'egl-headless' }, true, displays, {}],
    'egl-headless',
  ],
  ['a display left to QEMU', [{ headless: false, display: 'none' }, true, displays, desktop], undefined],
];
for (const [name, args, expected] of table) {
  test(`${name} has the display ${expected ?? 'that QEMU chooses'}`, () => {
    assert.equal(displayFor(...args).display, expected);
  });
}

test('the variables belong to the code, and the machine gets a writable copy', async () => {
  const bench = await openBench();
  const file = (name: string) => join(bench.folder, name);
  for (const name of ['MY_CODE.fd', 'MY_VARS.fd', 'MY_CODE.secboot.fd']) await writeFile(file(name), name);
  await chmod(file('MY_VARS.fd'), 0o444);
  const find = (code?: string, vars?: string) =>
    findEfiFiles({ kind: 'efi', dropVars: false, ...(code ? { code } : {}), ...(vars ? { vars } : {}) });
  assert.equal(find(file('MY_CODE.fd')).vars, file('MY_VARS.fd'));
  assert.equal(find(file('MY_CODE.secboot.fd')).vars, file('MY_VARS.fd'));
  assert.equal(find(undefined, file('MY_VARS.fd')).code, file('MY_CODE.fd'));
  assert.throws(() => find(file('NO_CODE.fd'), file('MY_VARS.fd')), {
    code: 'file-missing',
    message: /efi_firmware_code: .*NO_CODE\.fd/,
  });
  await copyEfiVars(find(file('MY_CODE.fd')), file('own.fd'));
  assert.equal((await stat(file('own.fd'))).mode & 0o777, 0o660);
  await bench.close();
});

test('only complete neighbours of the table count', () => {
  const text = `IP address       HW type     Flags       HW address            Mask     Device
192.168.121.111  0x1         0x2         52:54:00:12:34:56     *        virbr0
192.168.121.112  0x1         0x0         00:00:00:00:00:00     *        virbr0
`;
  assert.deepEqual(parseNeighbours(text), [
    { address: '192.168.121.111', mac: '52:54:00:12:34:56', device: 'virbr0' },
  ]);
});

test('the host is 10.0.2.2 on the user network, and has the address of a bridge', () => {
  assert.equal(hostAddressForGuests(undefined), '10.0.2.2');
  assert.equal(hostAddressForGuests('lo'), '127.0.0.1');
  assert.throws(() => hostAddressForGuests('no-such-bridge'), {
    code: 'not-found',
    message: /no-such-bridge/,
  });
});

test('a TPM is refused by name where swtpm is missing, and ends with its scratch folder', async () => {
  const bench = await openBench();
  const path = process.env['PATH'];
  process.env['PATH'] = bench.folder;
  try {
    await assert.rejects(
      startTpm({ version1: false }, { scratch: bench.run.folder, run: bench.run, signal: bench.stop.signal }),
      { code: 'tool-missing', message: /swtpm/ },
    );
    const swtpm = join(bench.folder, 'swtpm');
    await writeFile(swtpm, '#!/bin/sh\necho no room for a state >&2\nexit 1\n', { mode: 0o755 });
    await assert.rejects(
      startTpm({ version1: false }, { scratch: bench.run.folder, run: bench.run, signal: bench.stop.signal }),
      { code: 'tool-failed', message: /no room for a state/ },
    );
  } finally {
    process.env['PATH'] = path;
    await bench.close();
  }
});
