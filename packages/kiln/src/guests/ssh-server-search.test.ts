import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { lookForTaken } from './connection-taken.ts';
import { openTcp } from './socks5.ts';
import { findSshServer } from './ssh-server-search.ts';

test('a connection made while the system is asked is not taken for one that a server reads', async (t) => {
  // Like a port forwarder before its machine is up: it accepts, and leaves unread what is sent.
  const forwarder = createServer({ pauseOnConnect: true }, (socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => forwarder.listen(0, '127.0.0.1', resolve));
  t.after(() => forwarder.close());
  const { port } = forwarder.address() as AddressInfo;
  let tries = 0;
  const stop = new AbortController();
  const searching = findSshServer(
    (signal) => {
      tries += 1;
      return openTcp('127.0.0.1', port, signal);
    },
    { deadline: performance.now() + 60_000, signal: stop.signal },
    async () => {
      const answer = await lookForTaken();
      await new Promise((resolve) => setTimeout(resolve, 400));
      return answer;
    },
  );
  searching.catch(() => {});
  // Behind a server that is at work the second connection would come after two seconds, and the third after six.
  await new Promise((resolve) => setTimeout(resolve, 1900));
  stop.abort();
  await assert.rejects(searching, { code: 'cancelled' });
  assert.ok(tries >= 3, `${tries} connections`);
});
