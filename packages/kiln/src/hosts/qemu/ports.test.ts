import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { Run } from '../../store/run.ts';
import { type HostBench, openBench } from '../testing/host-bench.ts';
import { freePort } from './ports.ts';

let bench: HostBench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

test('a port is handed out once, to one run or another, until it is released', async () => {
  const other = await Run.open(bench.home);
  const base = await somePort();
  const first = await freePort(base, base, '127.0.0.1', bench.run);
  assert.equal(first.port, base);
  await assert.rejects(freePort(base, base, '127.0.0.1', bench.run), { code: 'not-found' });
  await assert.rejects(freePort(base, base, '127.0.0.1', other), {
    code: 'not-found',
    message: new RegExp(`${base}`),
  });
  first.release();
  first.release();
  const second = await freePort(base, base, '127.0.0.1', other);
  await other.close();
  assert.equal(
    (await freePort(base, base, '127.0.0.1', bench.run)).port,
    second.port,
    'claims go with their run',
  );
});

test('a port that somebody listens on is passed over', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await assert.rejects(freePort(port, port, '127.0.0.1', bench.run), { code: 'not-found' });
  await new Promise((resolve) => server.close(resolve));
  assert.equal((await freePort(port, port, '127.0.0.1', bench.run)).port, port);
});

test('many at once all get different ports', async () => {
  const runs = await Promise.all(Array.from({ length: 4 }, () => Run.open(bench.home)));
  const claims = await Promise.all(
    Array.from({ length: 24 }, (_, at) => freePort(20_000, 29_999, '127.0.0.1', runs[at % runs.length]!)),
  );
  assert.equal(new Set(claims.map((claim) => claim.port)).size, 24);
  for (const run of runs) await run.close();
});

async function somePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
