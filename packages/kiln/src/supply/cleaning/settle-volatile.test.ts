import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scanDirectory, type TreeEntry } from '@kiln/diskimage';
import { settleVolatile } from './settle-volatile.ts';

const epoch = 1_795_432_957;

async function scan(t: TestContext, files: Readonly<Record<string, string>>): Promise<TreeEntry[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-volatile-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return [...(await scanDirectory(folder))];
}

function textOf(entries: readonly TreeEntry[], path: string): string {
  const entry = entries.find((one) => one.path === path);
  assert.ok(entry?.kind === 'file', path);
  const bytes = Buffer.alloc(entry.size + 1);
  const open = entry.content.open();
  const count = open.read(bytes, 0);
  open.close();
  return bytes.toString('utf8', 0, count);
}

test('keys that packages make go, and what makes new ones is told once', async (t) => {
  const tree = await scan(t, {
    'etc/ssl/certs/ssl-cert-snakeoil.pem': 'one',
    'etc/ssl/private/ssl-cert-snakeoil.key': 'two',
    'etc/ssl/private/mine.key': 'three',
    'etc/bind/rndc.key': 'four',
  });
  const { entries, remake } = settleVolatile(tree, epoch);
  const files = entries.filter(({ kind }) => kind === 'file').map(({ path }) => path);
  assert.deepEqual(files, ['etc/ssl/private/mine.key']);
  assert.equal(remake.length, 2);
  assert.ok(remake.some((line) => line.startsWith('rndc-confgen')));
});

test('what can be the same is made so, and the rest is left as it is', async (t) => {
  const tree = await scan(t, {
    'etc/shadow': 'root:*:19000:0:99999:7:::\n',
    'etc/iscsi/initiatorname.iscsi': 'InitiatorName=iqn.1993-08.org.example:01:abc\n',
    'var/lib/mysql/ibdata1': 'data',
    'etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
  });
  const { entries, remake } = settleVolatile(tree, epoch);
  assert.equal(textOf(entries, 'etc/shadow'), 'root:*:20780:0:99999:7:::\n');
  assert.equal(textOf(entries, 'etc/iscsi/initiatorname.iscsi'), 'GenerateName=yes\n');
  assert.equal(textOf(entries, 'var/lib/mysql/ibdata1'), 'data');
  assert.equal(entries.length, tree.length);
  assert.deepEqual(remake, []);
});
