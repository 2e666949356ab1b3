import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { rewriteVolatile } from './rewrite-volatile.ts';

const epoch = 1_795_432_957;

test('days of shadow files become the lock’s, but for those that are empty or mean something', () => {
  const shadow = 'root:*:19000:0:99999:7:::\nme:$y$j9T$x:20000:0:99999:7:::\nnever:!::::::\nnow:!:0:0:::::\n';
  assert.equal(
    rewriteVolatile('shadow', Buffer.from(shadow), epoch).toString(),
    'root:*:20780:0:99999:7:::\nme:$y$j9T$x:20780:0:99999:7:::\nnever:!::::::\nnow:!:0:0:::::\n',
  );
});

function keystore(t: TestContext): {
  readonly make: (name: string) => Buffer;
  readonly list: (store: Buffer) => string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-keystore-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=x', '-keyout', key, '-out', certificate],
    { stdio: 'ignore' },
  );
  const keytool = (...args: string[]) =>
    execFileSync('keytool', [...args, '-storepass', 'changeit'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  return {
    make(name) {
      const path = join(folder, name);
      const store = ['-keystore', path, '-storetype', 'JKS'];
      keytool('-importcert', '-noprompt', '-alias', 'debian:x.pem', '-file', certificate, ...store);
      return readFileSync(path);
    },
    list(store) {
      const path = join(folder, 'listed');
      writeFileSync(path, store);
      return keytool('-list', '-v', '-keystore', path);
    },
  };
}

test('Java’s authorities have the lock’s time, and Java still takes them', (t) => {
  for (const tool of ['keytool', 'openssl'])
    if (spawnSync(tool, ['-help']).error) return t.skip(`${tool} is not installed`);
  const { make, list } = keystore(t);
  const [first, second] = [make('first'), make('second')];
  assert.notDeepEqual(first, second);
  const rewritten = rewriteVolatile('java-keystore', first, 1_600_000_000);
  assert.deepEqual(rewriteVolatile('java-keystore', second, 1_600_000_000), rewritten);
  assert.match(list(rewritten), /Creation date: .*2020/);
  const tampered = Buffer.from(first);
  tampered[40]! ^= 1;
  assert.deepEqual(rewriteVolatile('java-keystore', tampered, epoch), tampered, 'its digest does not fit');
});

test('what is no keystore of Java’s stays as it is', () => {
  for (const content of ['', 'PKCS12?', '\xfe\xed\xfe\xed'.repeat(20)])
    assert.deepEqual(
      rewriteVolatile('java-keystore', Buffer.from(content, 'latin1'), epoch),
      Buffer.from(content, 'latin1'),
    );
});
