import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { treeFiles } from '../system/tree-files.ts';
import { debianFiles } from '../testing/debian-tree.ts';
import { makeTree, type TreeFile } from '../testing/make-tree.ts';
import { cyclonedxCheck, spdxCheck } from '../testing/sbom-schemas.ts';
import { makeSboms } from './make-sboms.ts';
import type { SbomInput } from './sbom-options.ts';

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const archive = {
  name: 'hello',
  version: '1:2.0-1+b2',
  architecture: 'amd64',
  sha256: 'a'.repeat(64),
  size: 1234,
  urls: ['https://deb.example.org/pool/hello_2.0-1+b2_amd64.deb'],
};

function inputOf(files: Readonly<Record<string, TreeFile>> = debianFiles): SbomInput {
  return { system: treeFiles(makeTree(files)), name: 'web', created: 1_700_000_000, locked: [archive] };
}

interface Spdx {
  readonly documentNamespace: string;
  readonly comment?: string;
  readonly packages: readonly (Readonly<Record<string, unknown>> & {
    readonly SPDXID: string;
    readonly name: string;
  })[];
  readonly files: readonly {
    readonly SPDXID: string;
    readonly fileName: string;
    readonly checksums: readonly { checksumValue: string }[];
  }[];
  readonly relationships: readonly {
    spdxElementId: string;
    relationshipType: string;
    relatedSpdxElement: string;
  }[];
}

interface Component {
  readonly type: string;
  readonly name: string;
  readonly purl?: string;
  readonly licenses?: unknown;
  readonly hashes?: unknown;
  readonly components?: readonly Component[];
}

test('both documents are what their formats say', async () => {
  const { spdx, cyclonedx, gaps } = await makeSboms(inputOf());
  assert.deepEqual(gaps, []);
  assert.deepEqual(spdxCheck()(JSON.parse(spdx)), []);
  assert.deepEqual(cyclonedxCheck()(JSON.parse(cyclonedx)), []);
});

test('the SPDX document has the packages, their files, their sources, what they need, and what nobody owns', async () => {
  const { packages, files, relationships } = JSON.parse((await makeSboms(inputOf())).spdx) as Spdx;
  const names = new Map<string, string>([
    ...packages.map(({ SPDXID, name }): [string, string] => [
      SPDXID,
      SPDXID.includes('Source') ? `source ${name}` : name,
    ]),
    ...files.map(({ SPDXID, fileName }): [string, string] => [SPDXID, fileName]),
  ]);
  const said = relationships.map(
    ({ spdxElementId: a, relationshipType: is, relatedSpdxElement: b }) =>
      `${names.get(a) ?? a} ${is} ${names.get(b)}`,
  );
  for (const expected of [
    'SPDXRef-DOCUMENT DESCRIBES web',
    'web CONTAINS hello',
    'web CONTAINS ./srv/data.txt',
    'hello CONTAINS ./usr/bin/hello',
    'libfoo CONTAINS ./usr/bin/tool.distrib',
    'hello GENERATED_FROM source hello-src',
    'hello DEPENDS_ON libfoo',
  ])
    assert.ok(said.includes(expected), expected);
  assert.equal(said.filter((one) => one === 'libfoo GENERATED_FROM source libfoo').length, 2);
  assert.equal(
    packages.filter(({ name }) => name === 'libfoo').length,
    3,
    'two architectures and one source',
  );
  const hello = packages.find(({ SPDXID }) => SPDXID === 'SPDXRef-Package-hello')!;
  assert.equal(hello['versionInfo'], '1:2.0-1+b2');
  assert.equal(hello['licenseDeclared'], 'MIT AND (GPL-2.0-or-later OR MIT)');
  assert.equal(hello['supplier'], 'Person: Jane Doe (jane@example.org)');
  assert.equal(hello['downloadLocation'], archive.urls[0]);
  assert.deepEqual(hello['checksums'], [{ algorithm: 'SHA256', checksumValue: archive.sha256 }]);
  const program = files.find(({ fileName }) => fileName === './usr/bin/hello')!;
  assert.deepEqual(
    program.checksums.map(({ checksumValue }) => checksumValue),
    [sha1('the program\n'), sha256('the program\n')],
  );
});

test('the verification code of a package is that of the SHA-1 of its files in order', async () => {
  const { packages } = JSON.parse((await makeSboms(inputOf())).spdx) as Spdx;
  const i386 = packages.find((one) =>
    String(one['externalRefs'] && JSON.stringify(one['externalRefs'])).includes('arch=i386'),
  )!;
  assert.deepEqual(i386['packageVerificationCode'], { packageVerificationCodeValue: sha1(sha1('i386\n')) });
});

test('the CycloneDX document has files inside of their packages, and the graph of what is needed', async () => {
  const document = JSON.parse((await makeSboms(inputOf())).cyclonedx) as {
    components: readonly Component[];
    dependencies: readonly { ref: string; dependsOn: readonly string[] }[];
  };
  const hello = document.components.find(({ name }) => name === 'hello')!;
  assert.equal(hello.purl, 'pkg:deb/debian/hello@1:2.0-1%2Bb2?arch=amd64&distro=debian-12');
  assert.deepEqual(hello.licenses, [{ expression: 'MIT AND (GPL-2.0-or-later OR MIT)' }]);
  assert.deepEqual(hello.hashes, [{ alg: 'SHA-256', content: archive.sha256 }]);
  assert.ok(hello.components?.some(({ type, name }) => type === 'file' && name === '/usr/bin/hello'));
  assert.ok(document.components.some(({ type, name }) => type === 'file' && name === '/srv/data.txt'));
  const needs = document.dependencies.find(({ ref }) => ref === hello.purl)!.dependsOn;
  assert.deepEqual(needs, [
    'pkg:deb/debian/libfoo@1.0%2Bdfsg~rc1-3?arch=amd64&distro=debian-12',
    'pkg:deb/debian/libfoo@1.0%2Bdfsg~rc1-3?arch=i386&distro=debian-12',
  ]);
});

test('the same system gives the same bytes, and another one another name for its document', async () => {
  const one = await makeSboms(inputOf());
  assert.deepEqual(await makeSboms(inputOf()), one);
  const other = await makeSboms(inputOf({ ...debianFiles, 'srv/data.txt': 'changed\n' }));
  const namespaceOf = ({ spdx }: { spdx: string }) => (JSON.parse(spdx) as Spdx).documentNamespace;
  assert.notEqual(namespaceOf(other), namespaceOf(one));
  const serial =
    /"serialNumber": "urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"/;
  assert.match(one.cyclonedx, serial);
  assert.notEqual(serial.exec(one.cyclonedx)![0], serial.exec(other.cyclonedx)![0]);
});

test('files whose digests are known are not read again', async () => {
  const input = inputOf();
  const read: string[] = [];
  const system: SbomInput['system'] = {
    entries: input.system.entries,
    read: (path, limit) => {
      read.push(path);
      return input.system.read(path, limit);
    },
  };
  const digests = new Map([['srv/data.txt', { sha1: '1'.repeat(40), sha256: '2'.repeat(64) }]]);
  const { spdx } = await makeSboms({ ...input, system, digests });
  assert.ok(!read.includes('srv/data.txt'));
  assert.ok(spdx.includes('1'.repeat(40)) && spdx.includes('2'.repeat(64)));
});

test('every name of a file is told, with the digests of the one file; links and folders are not', async () => {
  const { spdx } = await makeSboms(
    inputOf({ 'a/one': 'x', 'a/two': { link: 'a/one' }, 'a/three': { symlink: 'one' } }),
  );
  const { files } = JSON.parse(spdx) as Spdx;
  assert.deepEqual(
    files.map(({ fileName, checksums }) => [fileName, checksums[1]!.checksumValue]),
    [
      ['./a/one', sha256('x')],
      ['./a/two', sha256('x')],
    ],
  );
});

test('what cannot be told stands in the documents', async () => {
  const { spdx, cyclonedx, gaps } = await makeSboms({
    ...inputOf({ 'bin/sh': 'x' }),
    gaps: ['partition 2 is left out: it is encrypted'],
  });
  assert.equal(gaps.length, 2);
  const { comment } = JSON.parse(spdx) as Spdx;
  assert.equal(comment, gaps.join('; '));
  for (const gap of gaps) assert.ok(cyclonedx.includes(JSON.stringify(gap)));
  assert.deepEqual(spdxCheck()(JSON.parse(spdx)), []);
  assert.deepEqual(cyclonedxCheck()(JSON.parse(cyclonedx)), []);
});

test('names and texts with strange characters stay in their places', async () => {
  const files: Record<string, TreeFile> = { ...debianFiles, 'srv/"quoted"\n\xff': 'x' };
  files['var/lib/dpkg/status'] =
    `${String(debianFiles['var/lib/dpkg/status'])}\nPackage: evil\nStatus: install ok installed\nArchitecture: all\nVersion: 1"},{"x":\nMaintainer: "}]\nHomepage: not a uri\n`;
  const { spdx, cyclonedx } = await makeSboms(inputOf(files));
  assert.deepEqual(spdxCheck()(JSON.parse(spdx)), []);
  assert.deepEqual(cyclonedxCheck()(JSON.parse(cyclonedx)), []);
  assert.ok((JSON.parse(spdx) as Spdx).files.some(({ fileName }) => fileName === './srv/"quoted"\\x0a\\xff'));
});
