import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTemporaryKey } from '../guests/temporary-key.ts';
import { connectTo } from '../guests/testing/connect.ts';
import { startSshd } from '../guests/testing/sshd.ts';
import { temporaryFolder } from '../guests/testing/temporary-folder.ts';
import { adoptKey } from './adopt-key.ts';
import { machineFiles } from './machine-record.ts';

test('a machine takes its own key and forgets the shared one, whose public half lies nowhere', async (t) => {
  const home = await temporaryFolder(t);
  const server = await startSshd({
    config: [`ForceCommand export HOME=${home}/user; eval "$SSH_ORIGINAL_COMMAND"`],
  });
  t.after(() => server.stop());
  const files = machineFiles(home, 'aabbccdd');
  await mkdir(files.folder, { recursive: true });
  const own = await createTemporaryKey({ type: 'ed25519' });
  await writeFile(files.publicKey, own.publicKey);
  const shared = await createTemporaryKey({ type: 'rsa', bits: 2048 });
  const other = await createTemporaryKey({ type: 'ed25519' });
  await mkdir(join(home, 'user/.ssh'), { recursive: true });
  const authorized = join(home, 'user/.ssh/authorized_keys');
  await writeFile(authorized, `${other.publicKey}\nfrom="*" ${shared.publicKey} of everybody\n`);
  const guest = await connectTo(server);
  t.after(() => guest.close());

  await adoptKey(guest, files, { privateKeys: [shared.privateKey] });
  assert.deepEqual((await readFile(authorized, 'utf8')).trim().split('\n'), [
    other.publicKey.trim(),
    own.publicKey.trim(),
  ]);
});
