import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { treeFiles } from '../system/tree-files.ts';
import { debianFiles, installTime, packagedKey } from '../testing/debian-tree.ts';
import { makeTree, type TreeFile } from '../testing/make-tree.ts';
import { findSecrets } from './find-secrets.ts';

/**
 * Secrets of tests are made when they run, so that nobody's scanner finds them here. They are the same every time: by
 * chance one could look like an example of a manual.
 */
let count = 0;
const bytes = (length: number): Buffer => {
  const parts = Array.from({ length: Math.ceil(length / 32) }, () =>
    createHash('sha256').update(`kiln ${count++}`).digest(),
  );
  return Buffer.concat(parts).subarray(0, length);
};
const random = (length: number, letters = 'ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz23456789') =>
  [...bytes(length)].map((byte) => letters[byte % letters.length]).join('');
const base64 = (length: number) => bytes(length).toString('base64');
const lines = (text: string) => text.replace(/.{64}/g, '$&\n');

const { privateKey: ed } = generateKeyPairSync('ed25519');
const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pkcs8 = String(ed.export({ type: 'pkcs8', format: 'pem' }));
const sec1 = String(ec.export({ type: 'sec1', format: 'pem' }));
const encrypted = String(ed.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }));
const pem = (words: string, body = lines(base64(300))) =>
  `-----BEGIN ${words}-----\n${body}\n-----END ${words}-----\n`;
const hash = `$6$${random(8)}$${random(86)}`;
const yescrypt = `$y$j9T$${random(22)}$${random(43)}`;

const found: readonly (readonly [path: string, content: TreeFile, what: RegExp, line?: number])[] = [
  ['srv/app/key.pem', pkcs8, /^a private key$/, 1],
  ['srv/app/both.pem', `${pem('CERTIFICATE')}${sec1}`, /elliptic-curve private key/, 10],
  ['home/jane/.ssh/id_ed25519', pem('OPENSSH PRIVATE KEY'), /an OpenSSH private key/, 1],
  [
    'root/.ssh/id_rsa',
    `# mine\n${pem('RSA PRIVATE KEY', `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${lines(base64(300))}`)}`,
    /an RSA private key/,
    2,
  ],
  ['opt/x/enc.pem', encrypted, /an encrypted private key/, 1],
  ['opt/x/secring.asc', pem('PGP PRIVATE KEY BLOCK', `\n${lines(base64(400))}`), /an OpenPGP private key/, 1],
  ['opt/x/values.yaml', `tls:\n  key: |\n${pkcs8.replace(/^/gm, '    ')}`, /a private key/, 3],
  [
    'opt/x/login.ppk.txt',
    `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: me\nPublic-Lines: 2\nAAAA\nBBBB\nPrivate-Lines: 1\n${base64(36)}\n`,
    /a PuTTY private key/,
    1,
  ],
  [
    'home/jane/age.txt',
    `# created: now\nAGE-SECRET-KEY-1${random(58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L')}\n`,
    /an age private key/,
    2,
  ],
  [
    'opt/vpn/static.key',
    `-----BEGIN OpenVPN Static key V1-----\n${bytes(16).toString('hex')}\n`,
    /OpenVPN static key/,
    1,
  ],
  ['etc/wireguard/wg0.conf', `[Interface]\nPrivateKey = ${base64(32)}\n`, /a key of WireGuard/, 2],
  ['srv/store.p12', { bytes: Buffer.concat([Buffer.from([0x30, 0x82]), bytes(400)]) }, /a store of keys/],
  ['etc/ssh/ssh_host_ed25519_key', pem('OPENSSH PRIVATE KEY'), /a machine's own SSH key/],
  [
    'srv/.env',
    `# x\nAWS=${'AKIA'}${random(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}\n`,
    /an AWS access key id/,
    2,
  ],
  ['root/.aws/credentials', `[default]\naws_secret_access_key = ${random(40)}\n`, /an AWS secret key/, 2],
  [
    'srv/sa.json',
    JSON.stringify({ type: 'service_account', private_key: pkcs8 }),
    /a private key|Google Cloud service account/,
    1,
  ],
  ['srv/g.js', `const key = "${'AIza'}${random(35)}";\n`, /a Google API key/, 1],
  [
    'srv/azure.txt',
    `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${base64(64)}\n`,
    /Azure storage account/,
    1,
  ],
  ['srv/gh.sh', `curl -H "Authorization: token ${'ghp'}_${random(36)}"\n`, /a GitHub token/, 1],
  ['srv/gh2.sh', `x=${'github'}_pat_${random(22)}_${random(59)}\n`, /a GitHub token/, 1],
  ['srv/gl.yml', `token: ${'glpat'}-${random(20)}\n`, /a GitLab token/, 1],
  ['srv/slack.rb', `${'xoxb'}-123456789012-123456789013-${random(24)}\n`, /a Slack token/, 1],
  [
    'srv/hook',
    `https://hooks.slack.com/services/T${random(8)}/B${random(8)}/${random(24)}\n`,
    /Slack webhook/,
    1,
  ],
  ['srv/n', `${'npm'}_${random(36)}\n`, /an npm token/, 1],
  ['srv/.npmrc', `registry=https://r.example\n//r.example/:_authToken=${random(30)}\n`, /npm/, 2],
  ['home/jane/.npmrc', `//r.example/:_authToken=${random(30)}\n`, /npm/, 1],
  ['root/.netrc', `machine example.org\nlogin jane password ${random(9)}\n`, /a password of \.netrc/, 2],
  ['home/jane/.pgpass', `# h\ndb:5432:*:jane:${random(9)}\n`, /PostgreSQL/, 2],
  ['root/.git-credentials', `https://jane:${random(12)}@example.org\n`, /a password of Git/, 1],
  [
    'root/.docker/config.json',
    `{"auths": {"r.example": {\n"auth": "${base64(20)}"}}}\n`,
    /container registry/,
    2,
  ],
  [
    'etc/shadow',
    `root:*:1::::::\njane:${'$1$'}abcdefgh$${random(22)}:1::::::\n`,
    /quickly broken, for the user jane/,
    2,
  ],
  ['etc/shadow', 'root::1::::::\n', /no password is needed, for the user root/, 1],
  ['etc/shadow', `root:${random(8)}:1::::::\n`, /not hashed, for the user root/, 1],
  ['etc/passwd', `old:${random(13)}:1:1::/:/bin/sh\n`, /quickly broken/, 1],
  ['root/.bash_history', 'mysql -psecret\n', /what people typed/],
  ['home/jane/.python_history', 'x\n', /what people typed/],
  ['etc/machine-id', `${bytes(16).toString('hex')}\n`, /the id of one machine/],
  ['var/lib/systemd/random-seed', { bytes: bytes(512) }, /randomness/],
  [
    'var/lib/cloud/seed/nocloud/user-data',
    `#cloud-config\npassword: ${random(8)}\n`,
    /not hashed, in settings of cloud-init/,
    2,
  ],
  ['etc/cloud/cloud.cfg.d/99.cfg', `users:\n  - name: x\n    plain_text_passwd: ${hash}\n`, /not hashed/, 3],
  [
    'etc/cloud/cloud.cfg.d/98.cfg',
    `chpasswd:\n  list: |\n    root:${random(8)}\n    jane:RANDOM\n  expire: false\n`,
    /not hashed/,
    3,
  ],
  [
    'etc/environment',
    `LANG=C\nDB_PASSWORD="${random(10)}"\n`,
    /a value of DB_PASSWORD that looks like a secret/,
    2,
  ],
  ['etc/default/app', `export API_TOKEN=${random(32)}\n`, /a value of API_TOKEN/, 1],
  [
    'etc/systemd/system/app.service.d/env.conf',
    `[Service]\nEnvironment=SECRET_KEY=${random(40)}\n`,
    /a value of SECRET_KEY/,
    2,
  ],
  ['srv/app/.env.production', `SESSION_SECRET=${random(32)}\n`, /a value of SESSION_SECRET/, 1],
  [
    'etc/NetworkManager/system-connections/wifi',
    `[wifi-security]\npsk=${random(12)}\n`,
    /a password of a network/,
    2,
  ],
  ['etc/netplan/01.yaml', `wifis:\n  x:\n    password: "${random(12)}"\n`, /a password of a network/, 3],
  ['etc/bind/rndc.key', `key "x" {\n\tsecret "${base64(32)}";\n};\n`, /a key of a name server/, 2],
  ['etc/fstab', `//nas/x /mnt cifs username=a,password=${random(8)} 0 0\n`, /a password of a file server/, 1],
  ['etc/munge/munge.key', { bytes: bytes(128) }, /machines of one cluster share/],
  ['root/.kube/config', `users:\n- user:\n    token: ${random(40)}\n`, /Kubernetes/, 3],
];

for (const [path, content, what, line] of found) {
  test(`${what.source} is found in /${path}`, async () => {
    const findings = await findSecrets(treeFiles(makeTree({ [path]: content })), { allow: [] });
    assert.equal(findings.length, 1, JSON.stringify(findings));
    assert.equal(findings[0]!.path, `/${path}`);
    assert.match(findings[0]!.what, what);
    assert.equal(findings[0]!.line, line);
  });
}

const passed: readonly (readonly [why: string, path: string, content: TreeFile])[] = [
  ['certificates', 'etc/ssl/certs/ca.pem', pem('CERTIFICATE')],
  ['public keys', 'etc/ssh/ssh_host_ed25519_key.pub', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI x\n'],
  ['public keys in PEM', 'srv/public.pem', pem('PUBLIC KEY')],
  ['words about keys', 'srv/manual.txt', 'Look for -----BEGIN RSA PRIVATE KEY----- in the file.\n'],
  [
    'a key that is left out of an example',
    'srv/example.yaml',
    'key: |\n  -----BEGIN RSA PRIVATE KEY-----\n  (your key)\n  -----END RSA PRIVATE KEY-----\n',
  ],
  ['examples of manuals', 'srv/doc', `${'AKIA'}IOSFODNN7EXAMPLE\n`],
  ['tokens that come from elsewhere', 'root/.npmrc', '//r.example/:_authToken=${NPM_TOKEN}\n'],
  ['empty machine ids', 'etc/machine-id', '\n'],
  ['machine ids that say so', 'etc/machine-id', 'uninitialized\n'],
  [
    'locked accounts and strong hashes',
    'etc/shadow',
    `root:*:1::::::\na:!:1::::::\nb:!!:1::::::\nc:${hash}:1::::::\nd:${yescrypt}:1::::::\ne:!*:1::::::\nf:!${hash}:1::::::\n`,
  ],
  ['users without passwords of their own', 'etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n'],
  [
    'hashes for cloud-init',
    'etc/cloud/cloud.cfg.d/9.cfg',
    `users:\n  - passwd: ${hash}\n    lock_passwd: true\n`,
  ],
  [
    'passwords that cloud-init makes up',
    'etc/cloud/cloud.cfg.d/9.cfg',
    'chpasswd:\n  list:\n    - root:RANDOM\n  expire: False\npassword: RANDOM\n',
  ],
  [
    'references to secrets',
    'etc/default/app',
    'PASSWORD=$OTHER\nTOKEN_FILE=/run/secrets/token\nAPI_KEY=changeme\n',
  ],
  ['settings whose names only sound so', 'etc/default/app', 'PASSWORD_HASH_ROUNDS=100000\nKEYMAP=us\n'],
  ['templates of settings', 'srv/.env.example', `DB_PASSWORD=${random(12)}\n`],
  ['empty files', 'root/.netrc', ''],
  ['empty histories', 'root/.bash_history', ''],
  [
    'the packed and the compiled',
    'srv/x.gz',
    { bytes: Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.from(pkcs8)]) },
  ],
  ['links', 'root/.netrc', { symlink: '/srv/netrc' }],
];

for (const [why, path, content] of passed) {
  test(`${why} (/${path}) are no secrets`, async () => {
    assert.deepEqual(await findSecrets(treeFiles(makeTree({ [path]: content })), { allow: [] }), []);
  });
}

test('no part of a secret is ever told', async () => {
  const files = Object.fromEntries(found.map(([path, content]) => [path, content]));
  const told = JSON.stringify(await findSecrets(treeFiles(makeTree(files)), { allow: [] }));
  for (const [path, content] of found) {
    const text = typeof content === 'string' ? content : '';
    for (const [secret] of text.matchAll(/[A-Za-z0-9+/$_.-]{20,}/g)) {
      if (path.includes(secret)) continue;
      assert.ok(!told.includes(secret), `${path}: ${secret}`);
    }
  }
});

test('what a package brought does not alarm, as long as nobody has changed it', async () => {
  const secrets = (files: Readonly<Record<string, TreeFile>>) =>
    findSecrets(treeFiles(makeTree({ ...debianFiles, ...files })), { allow: [] });
  const key = 'usr/share/hello/test.key';
  assert.deepEqual(await secrets({}), []);
  // Touched, but the same: only its digest says so.
  assert.deepEqual(await secrets({ [key]: { text: packagedKey, mtime: installTime + 60 } }), []);
  const changed = await secrets({ [key]: { text: pkcs8, mtime: installTime + 60 } });
  assert.deepEqual(
    changed.map(({ path }) => path),
    [`/${key}`],
  );
  // Clamped to the time of everything that is new.
  assert.equal((await secrets({ [key]: { text: pkcs8, mtime: installTime } })).length, 1);
  const configured = await secrets({ 'etc/hello.conf': pkcs8 });
  assert.deepEqual(
    configured.map(({ path }) => path),
    ['/etc/hello.conf'],
  );
});

test('what Python made of a program is the program', async () => {
  const files: Record<string, TreeFile> = { 'srv/__pycache__/x.cpython-311.pyc': pkcs8 };
  assert.equal((await findSecrets(treeFiles(makeTree(files)), { allow: [] })).length, 1);
  files['srv/x.py'] = 'print(1)\n';
  assert.deepEqual(await findSecrets(treeFiles(makeTree(files)), { allow: [] }), []);
});

const allowed: readonly (readonly [allow: string, left: readonly string[]])[] = [
  ['/srv/a.pem', ['/srv/b/c.pem']],
  ['/srv/b', ['/srv/a.pem']],
  ['/srv/b/', ['/srv/a.pem']],
  ['/srv/*.pem', ['/srv/b/c.pem']],
  ['/srv', []],
  ['/sr', ['/srv/a.pem', '/srv/b/c.pem']],
  ['/srv/a.pe', ['/srv/a.pem', '/srv/b/c.pem']],
];

for (const [allow, left] of allowed) {
  test(`where ${allow} may hold secrets, ${left.join(' and ') || 'nothing'} is left`, async () => {
    const files = treeFiles(makeTree({ 'srv/a.pem': pkcs8, 'srv/b/c.pem': pkcs8 }));
    const findings = await findSecrets(files, { allow: [allow] });
    assert.deepEqual(
      findings.map(({ path }) => path),
      left,
    );
  });
}

test('only the start of a large file is read', async () => {
  const large = Buffer.concat([Buffer.from(`${pkcs8}\n`), Buffer.alloc(3 << 20, 0x20), Buffer.from(pkcs8)]);
  const files = treeFiles(makeTree({ 'srv/large': { bytes: large } }));
  const limits: (number | undefined)[] = [];
  const watched = {
    entries: files.entries,
    read: (path: string, limit?: number) => {
      if (path === 'srv/large') limits.push(limit);
      return files.read(path, limit);
    },
  };
  assert.equal((await findSecrets(watched, { allow: [] })).length, 1);
  assert.ok(limits.every((limit) => limit !== undefined && limit <= 1 << 20));
});

test('a file of many secrets is told by its first ones', async () => {
  const many = Array.from({ length: 50 }, () => `${'ghp'}_${random(36)}`).join('\n');
  assert.equal((await findSecrets(treeFiles(makeTree({ 'srv/x': many })), { allow: [] })).length, 20);
});
