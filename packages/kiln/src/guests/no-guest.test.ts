import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noGuest } from './no-guest.ts';

test('without a communicator every call says what it cannot do and why', async () => {
  const guest = noGuest('the communicator is "none"');
  const from = { kind: 'bytes', bytes: Buffer.alloc(0) } as const;
  const refused = { code: 'unsupported', message: /the communicator is "none"/ };
  await assert.rejects(guest.exec({ command: 'true' }), refused);
  await assert.rejects(guest.upload({ from, to: '/etc/motd' }), { ...refused, message: /\/etc\/motd/ });
  await assert.rejects(guest.uploadTree('a', 'b'), refused);
  await assert.rejects(guest.download('a', 'b'), refused);
  await assert.rejects(guest.downloadTree('a', 'b'), refused);
  await guest.close();
});
