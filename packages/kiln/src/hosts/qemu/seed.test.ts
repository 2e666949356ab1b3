import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seedArguments } from './seed.ts';

test('a seed becomes SMBIOS strings, with commas doubled', () => {
  const seed = { authorizedKeys: ['ssh-ed25519 AAAA a,b\n'], hostname: 'web', instance: '1234' };
  assert.deepEqual(seedArguments(seed), [
    '-smbios',
    'type=11,value=kiln:authorized_key=ssh-ed25519 AAAA a,,b,value=kiln:hostname=web,value=kiln:instance=1234',
  ]);
});
