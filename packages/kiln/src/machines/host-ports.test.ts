import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import type { PortForward } from '../plan/machine-spec.ts';
import { portKey, settlePorts } from './host-ports.ts';

const forward = (host: number, autoCorrect: boolean): PortForward => ({
  guest: 80,
  host,
  hostAddress: '127.0.0.1',
  protocol: 'tcp',
  autoCorrect,
});

async function withBusyPort(work: (port: number) => Promise<void>) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

test('a port in use moves to a spare one when it may, and that is told', async () => {
  await withBusyPort(async (port) => {
    const { ports, changes } = await settlePorts([forward(port, true)], new Set());
    assert.notEqual(ports[0]!.host, port);
    assert.equal(ports[0]!.guest, 80);
    assert.deepEqual(changes, [{ wanted: port, got: ports[0] }]);
  });
});

test('a port in use that may not move is refused by number', async () => {
  await withBusyPort(async (port) => {
    await assert.rejects(
      settlePorts([forward(port, false)], new Set()),
      new RegExp(`port ${port} of 127.0.0.1`),
    );
  });
});

test('ports of other machines count as taken though nobody listens', async () => {
  let free = 0;
  await withBusyPort(async (port) => {
    free = port;
  });
  const { ports } = await settlePorts([forward(free, true)], new Set([portKey(forward(free, true))]));
  assert.notEqual(ports[0]!.host, free);
});

test('two forwards of one machine never share a port', async () => {
  await withBusyPort(async (port) => {
    const { ports } = await settlePorts([forward(port, true), forward(port, true)], new Set());
    assert.notEqual(ports[0]!.host, ports[1]!.host);
  });
});

test('an address that this host does not have is refused by name', async () => {
  const elsewhere = { ...forward(8080, true), hostAddress: '192.0.2.1' };
  await assert.rejects(settlePorts([elsewhere], new Set()), {
    code: 'not-found',
    message: /no address 192\.0\.2\.1/,
  });
});
