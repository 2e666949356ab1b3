import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cyclonedxCheck, spdxCheck } from '../supply/testing/sbom-schemas.ts';
import { makeWorkshop } from './testing.ts';

/** The store that long tests share, so that the system is installed once a host (scripts/test.ts sets it). */
const sharedHome = process.env.KILN_TEST_HOME ?? join(homedir(), '.cache', 'kiln', 'test');

const project = `kiln: 1
images:
  supply-test:
    from: debian/12
    builder: rootfs
    allow_secrets: [/srv/known.pem]
    steps:
      # What dpkg itself says: packages, and whose files are whose.
      - run: |
          dpkg-query -W -f '$\${Package} $\${Version} $\${Architecture}\\n' | LC_ALL=C sort > /srv/packages
          dpkg -S /bin/bash /usr/sbin/sshd /usr/lib/os-release /etc/debian_version /lib/systemd/systemd /usr/bin/dpkg |
            sed 's/: / /' > /srv/owners
          find / -xdev -type f | LC_ALL=C sort > /srv/files
          printf '%s\\n' '-----BEGIN PRIVATE KEY-----' "$(head -c 48 /dev/zero | base64 -w0)" '-----END PRIVATE KEY-----' > /srv/known.pem
`;

interface Spdx {
  readonly packages: readonly {
    readonly SPDXID: string;
    readonly name: string;
    readonly versionInfo: string;
    readonly checksums?: readonly { readonly checksumValue: string }[];
    readonly externalRefs: readonly { readonly referenceLocator: string }[];
  }[];
  readonly files: readonly { readonly SPDXID: string; readonly fileName: string }[];
  readonly relationships: readonly {
    readonly spdxElementId: string;
    readonly relationshipType: string;
    readonly relatedSpdxElement: string;
  }[];
}

test('of a Debian system is told what dpkg tells of it', { timeout: 900_000 }, async (t) => {
  const { kiln } = makeWorkshop(t, { 'kiln.yaml': project }, { KILN_HOME: sharedHome });
  const built = await kiln('build');
  assert.equal(built.code, 0, built.stderr);
  const cat = async (path: string) => (await kiln('image', 'cat', 'supply-test', path)).stdout;

  const text = (await kiln('image', 'sbom', 'supply-test')).stdout;
  const spdx = JSON.parse(text) as Spdx;
  const cyclonedx = JSON.parse((await kiln('image', 'sbom', 'supply-test', '--format', 'cyclonedx')).stdout);

  await t.test('both documents are what their formats say', () => {
    assert.deepEqual(spdxCheck()(spdx), []);
    assert.deepEqual(cyclonedxCheck()(cyclonedx), []);
  });

  const binary = spdx.packages.filter(({ SPDXID }) => SPDXID.startsWith('SPDXRef-Package-'));
  await t.test('all packages, with versions and architectures, and none besides', async () => {
    const told = binary.map(({ name, versionInfo, externalRefs }) => {
      const arch = /[?&]arch=([^&]+)/.exec(externalRefs[0]!.referenceLocator)![1];
      return `${name} ${versionInfo} ${arch}`;
    });
    assert.equal(`${told.sort().join('\n')}\n`, await cat('/srv/packages'));
    assert.ok(binary.length > 150);
    const withFile = binary.filter(({ checksums }) => checksums?.[0]?.checksumValue.length === 64);
    assert.equal(withFile.length, binary.length, 'every package by the digest of its file');
  });

  const fileIds = new Map(spdx.files.map(({ SPDXID, fileName }) => [fileName.slice(1), SPDXID]));
  await t.test('files belong to the packages that dpkg says', async () => {
    const owners = new Map(
      spdx.relationships
        .filter(
          ({ relationshipType, spdxElementId }) =>
            relationshipType === 'CONTAINS' && spdxElementId !== 'SPDXRef-Image',
        )
        .map(({ spdxElementId, relatedSpdxElement }) => [relatedSpdxElement, spdxElementId]),
    );
    const lines = (await cat('/srv/owners')).trim().split('\n');
    assert.equal(lines.length, 6, lines.join());
    for (const line of lines) {
      const [name, path] = line.split(' ') as [string, string];
      const real = path.replace(/^\/(bin|sbin|lib)\//, '/usr/$1/');
      assert.equal(owners.get(fileIds.get(real)!), `SPDXRef-Package-${name.split(':')[0]}`, line);
    }
  });

  await t.test('all files but for what was cleaned away and what came later', async () => {
    const found = (await cat('/srv/files')).trim().split('\n');
    const lost = found.filter((path) => !fileIds.has(path));
    const isCleaned = (path: string) =>
      /^\/(var\/(log|cache|backups|lib\/(apt|dpkg|ucf|systemd))|etc\/(.*-|\.pwd\.lock|ssh\/ssh_host_.*)|tmp|run|dev|usr\/sbin\/policy-rc\.d$|boot\/grub\/(core\.img|bootx64\.efi))/.test(
        path,
      );
    assert.deepEqual(
      lost.filter((path) => !isCleaned(path)),
      [],
    );
    const late = [...fileIds.keys()].filter((path) => !found.includes(path));
    assert.deepEqual(
      late.filter((path) => path !== '/srv/known.pem'),
      [],
    );
  });

  await t.test('the statement is signed and names every package', async () => {
    const verified = await kiln('image', 'verify', 'supply-test');
    assert.equal(verified.code, 0, verified.stderr);
    assert.match(verified.stdout, /^ok {2}the bills of materials are those that were signed$/m);
    const { predicate } = JSON.parse((await kiln('image', 'provenance', 'supply-test')).stdout) as {
      predicate: { buildDefinition: { resolvedDependencies: readonly { uri?: string }[] } };
    };
    const purls = predicate.buildDefinition.resolvedDependencies.flatMap(({ uri }) => uri ?? []);
    const missing = binary.filter(({ externalRefs }) => !purls.includes(externalRefs[0]!.referenceLocator));
    assert.deepEqual(
      missing.map(({ name }) => name),
      [],
    );
  });

  assert.equal((await kiln('image', 'remove', 'supply-test')).code, 0);
});

test('a build without a machine refuses secrets, with their places', { timeout: 900_000 }, async (t) => {
  const leaky = `kiln: 1
images:
  leaky-test:
    from: debian/12
    builder: rootfs
    allow_secrets: [/srv/allowed]
    steps:
      - run: |
          ssh-keygen -q -t ed25519 -N "" -f /root/key
          mkdir /srv/allowed && cp /root/key /srv/allowed/
          passwd -q -d root
          touch /root/.bash_history && echo secret > /root/.bash_history
`;
  const { kiln } = makeWorkshop(t, { 'kiln.yaml': leaky }, { KILN_HOME: sharedHome });
  const { code, stderr } = await kiln('build');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /error: the image would hold secrets:\n\/etc\/shadow:1: no password is needed, for the user root\n\/root\/key:1: an OpenSSH private key\nhint: /,
  );
  assert.equal((await kiln('image', 'show', 'leaky-test')).code, 1, 'there is no image');
});
