import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isRoot } from '../base/user-namespace.ts';
import { asOrdinaryUser } from './testing/ordinary-user.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

test('an ordinary user gets the same from a user namespace', async (t) => {
  if (!isRoot()) return t.skip('chroot-guest.test.ts shows that');
  const folder = await temporaryFolder(t);
  const result = await asOrdinaryUser(folder, [
    process.execPath,
    '--test',
    fileURLToPath(new URL('./chroot-guest.test.ts', import.meta.url)),
  ]);
  if (typeof result === 'string') return t.skip(result);
  assert.equal(result.code, 0, result.stdout);
  assert.match(result.stdout, /^ℹ pass [1-9]/m);
});
