import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import { findProgram } from '../../hosts/qemu/programs.ts';
import { plainMachine } from '../../plan/machine-spec.ts';
import { type WarmParts, warmKey } from './warm-key.ts';

const skip = findProgram('qemu-system-x86_64') ? false : 'qemu-system-x86_64 is not installed';

const plain: WarmParts = {
  cpus: 1,
  memory: 512 * 2 ** 20,
  firmware: 'bios',
  user: 'kiln',
  image: { description: 'debian/12', id: 'ab'.repeat(32), seeded: true },
};

test('machines that could be told apart from inside have keys of their own', { skip }, async (t) => {
  const home = await temporaryFolder(t);
  const services = { home, signal: new AbortController().signal };
  const key = async (parts: Partial<WarmParts>, spec: Partial<Parameters<typeof warmKey>[2]> = {}) => {
    const named = await warmKey(services, { ...plain, ...parts }, { ...plainMachine, ...spec });
    return named.kind === 'key' ? named.key : named.reason;
  };
  const first = await key({});
  assert.match(first, /^[0-9a-f]{64}$/);
  assert.equal(await key({}), first);
  const others = await Promise.all([
    key({ cpus: 2 }),
    key({ memory: 1024 * 2 ** 20 }),
    key({ user: 'vagrant' }),
    key({ guestSshPort: 2022 }),
    key({ image: { ...plain.image, id: 'cd'.repeat(32) } }),
    key({ hardware: { networkCard: 'e1000' } }),
    key({ disks: [{ kind: 'disk', name: 'data', size: 2 ** 30 }] }),
    key({}, { diskSize: 8 * 2 ** 30 }),
    key({}, { cloudInit: [{ contentType: 'text/cloud-config', content: { kind: 'text', text: 'a' } }] }),
    key({}, { cloudInit: [{ contentType: 'text/cloud-config', content: { kind: 'text', text: 'b' } }] }),
  ]);
  assert.equal(new Set([first, ...others]).size, others.length + 1);
  assert.equal(await key({ hardware: { mac: '52:54:00:00:00:09' } }), await key({ hardware: {} }));
});

test('machines that nobody can tell the state of are always booted', { skip }, async (t) => {
  const home = await temporaryFolder(t);
  const services = { home, signal: new AbortController().signal };
  const named = await warmKey(
    services,
    { ...plain, hardware: { qemuArguments: ['-device', 'usb-ehci'] } },
    plainMachine,
  );
  assert.deepEqual(named, { kind: 'none', reason: "words for QEMU's command line may change anything" });
});
