import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

const template = `kiln: 1
variables:
  token: {sensitive: true, default: hunter2}
images:
  web:
    from: debian/12
    steps:
      - run: |
          apt-get update
          curl -H "Token: \${token}" http://127.0.0.1/
      - name: the page
        copy: {from: page/, to: /var/www/html}
      - run: a "\${token}"
        retries: 2
    outputs:
      - disk: dist/web.qcow2
      - checksum: {}
  base: {from: ubuntu/24.04, cpus: 1, memory: 512M, firmware: efi}
machines:
  web: {image: web, ports: ["8080:80"]}
`;

test('a plan shows what each build starts from, does and makes, but no secrets', async (t) => {
  const { kiln } = makeWorkshop(t, { 'kiln.yaml': template, 'page/index.html': 'x' });
  const { code, stdout, stderr } = await kiln('plan');
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout
      .replace('2 processors', 'N processors')
      .replace('2 processors', 'N processors')
      .replace('1 processor, 1.0', 'N processors, 1.0'),
    `build web (qemu)
  from debian/12
  N processors, 1.0 GB of memory, BIOS
  1. run apt-get update (and 1 more)
  2. the page: copy page/ to /var/www/html
  3. run a "<sensitive>" (up to 3 times)
  → qcow2 disk dist/web.qcow2, then checksum (sha256)
  → store as web:latest

build base (qemu)
  from ubuntu/24.04
  1 processor, 512 MB of memory, EFI
  → store as base:latest

machine web
  from the store's web
  N processors, 1.0 GB of memory
  port 127.0.0.1:8080 → 80/tcp
`,
  );
});

test('a plan as JSON is whole, but has no secrets', async (t) => {
  const { kiln } = makeWorkshop(t, { 'kiln.yaml': template, 'page/index.html': 'x' });
  const { stdout } = await kiln('plan', '--json', '--var', 'token=a"b');
  const plan = JSON.parse(stdout) as { builds: { steps: unknown[] }[]; secrets: string[] };
  assert.equal(plan.builds[0]?.steps.length, 3);
  assert.deepEqual(plan.secrets, ['<sensitive>']);
  assert.match(stdout, /Token: <sensitive>/);
  assert.doesNotMatch(stdout, /a\\"b/);
});

test('builds are chosen by name and pattern', async (t) => {
  const { kiln } = makeWorkshop(t, { 'kiln.yaml': template, 'page/index.html': 'x' });
  const names = async (...args: string[]) =>
    [...(await kiln('plan', ...args)).stdout.matchAll(/^build (\S+)/gm)].map((one) => one[1]);
  assert.deepEqual(await names('--only', 'web,base'), ['web', 'base']);
  assert.deepEqual(await names('--only=b*'), ['base']);
  assert.deepEqual(await names('--except', 'web'), ['base']);
  const { code, stderr } = await kiln('plan', '--only', 'wbe');
  assert.deepEqual([code, stderr], [1, 'error: kiln.yaml has no build "wbe"\nhint: did you mean "web"?\n']);
});
