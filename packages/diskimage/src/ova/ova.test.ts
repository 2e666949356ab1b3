import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesDisk } from '../bytes-disk.ts';
import { randomDisk, writeReference } from '../testing/random-disk.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';
import { ustarHeader } from './ustar.ts';
import type { OvaWriteOptions } from './write-options.ts';
import { writeOva } from './write-ova.ts';

const folder = temporaryFolder('ova');
const at = (name: string) => join(folder, name);
const base: OvaWriteOptions = {
  name: 'web-1.2',
  uuid: '5b3c4f6e-0f0a-4d5e-8a33-9a1b2c3d4e5f',
  time: 1_700_000_000,
};
const disk = randomDisk({ seed: 1, size: 9 * 2 ** 20 });

test('an appliance is unpacked, its manifest holds, and its disk is what was given', {
  skip: missing('tar', 'sha256sum', 'qemu-img'),
}, async () => {
  const { fileSize } = await writeOva(disk.open(), at('whole.ova'), base);
  assert.equal(readFileSync(at('whole.ova')).length, fileSize);
  mkdirSync(at('whole'));
  run(folder, 'tar', '-xf', 'whole.ova', '-C', 'whole');
  const listing = run(folder, 'tar', '--utc', '--full-time', '-tvf', 'whole.ova').trim().split('\n');
  assert.deepEqual(
    listing.map((line) => line.replace(/ +\d+ (?=2023)/, ' ')),
    ['web-1.2.ovf', 'web-1.2.mf', 'web-1.2-disk1.vmdk'].map(
      (name) => `-rw-r--r-- root/root 2023-11-14 22:13:20 ${name}`,
    ),
  );
  const manifest = readFileSync(at('whole/web-1.2.mf'), 'latin1');
  const lines = manifest.trimEnd().split('\n');
  assert.equal(lines.length, 2);
  for (const line of lines) {
    const [, name, digest] = /^SHA256\((.+)\)= ([0-9a-f]{64})$/.exec(line)!;
    assert.equal(
      digest,
      createHash('sha256')
        .update(readFileSync(at(`whole/${name}`)))
        .digest('hex'),
    );
  }
  writeReference(disk, at('reference'));
  run(folder, 'qemu-img', 'compare', '-f', 'raw', '-F', 'vmdk', 'reference', 'whole/web-1.2-disk1.vmdk');
  const ovf = readFileSync(at('whole/web-1.2.ovf'), 'utf8');
  assert.match(ovf, new RegExp(`ovf:size="${readFileSync(at('whole/web-1.2-disk1.vmdk')).length}"`));
  assert.match(ovf, new RegExp(`ovf:capacity="${disk.size}" ovf:capacityAllocationUnits="byte"`));
});

/** Every element with its text and attributes, as Python's parser finds them. */
const dump = `
import json, sys, xml.etree.ElementTree as tree
def show(node):
    name = node.tag.split('}')[-1]
    attributes = {key.split('}')[-1]: value for key, value in node.attrib.items()}
    return [name, attributes, (node.text or '').strip(), [show(child) for child in node]]
print(json.dumps(show(tree.parse(sys.argv[1]).getroot())))`;

type Element = readonly [name: string, attributes: Record<string, string>, text: string, children: Element[]];

function all([name, attributes, text, children]: Element, wanted: string): Element[] {
  const own: Element[] = name === wanted ? [[name, attributes, text, children]] : [];
  return [...own, ...children.flatMap((child) => all(child, wanted))];
}

test('the description is well-formed XML and says what was asked for', {
  skip: missing('tar', 'python3'),
}, async () => {
  await writeOva(bytesDisk(new Uint8Array(512)), at('described.ova'), {
    ...base,
    name: 'described',
    cpus: 4,
    memory: 3072,
    firmware: 'efi',
    system: { id: 96, description: 'Debian <12> & "more"', vmware: 'debian12_64Guest' },
    controller: 'pvscsi',
    networks: ['Inside', 'Out & about', 'Inside'],
    networkCard: 'VmxNet3',
    hardware: 'vmx-19',
    product: { name: 'Web', version: '1.2', vendor: 'ACME\x07' },
    annotation: 'first line\nsecond <line>',
  });
  run(folder, 'tar', '-xf', 'described.ova');
  const root: Element = JSON.parse(run(folder, 'python3', '-c', dump, 'described.ovf'));
  const texts = (name: string) => all(root, name).map(([, , text]) => text);
  assert.equal(root[0], 'Envelope');
  assert.deepEqual(
    all(root, 'Network').map(([, { name }]) => name),
    ['Inside', 'Out & about'],
  );
  assert.deepEqual(all(root, 'OperatingSystemSection')[0]?.[1], { id: '96', osType: 'debian12_64Guest' });
  assert.ok(texts('Description').includes('Debian <12> & "more"'));
  assert.deepEqual(texts('VirtualSystemType'), ['vmx-19']);
  assert.deepEqual(texts('Annotation'), ['first line\nsecond <line>']);
  assert.deepEqual([texts('Product'), texts('Version'), texts('Vendor')], [['Web'], ['1.2'], ['ACME\ufffd']]);
  assert.deepEqual(all(root, 'Config')[0]?.[1], { required: 'false', key: 'firmware', value: 'efi' });
  const items = all(root, 'Item').map(([, , , fields]) =>
    Object.fromEntries(fields.map(([name, , text]) => [name, text])),
  );
  assert.deepEqual(
    items.map(({ ResourceType, ResourceSubType, VirtualQuantity, Connection }) => [
      ResourceType,
      ResourceSubType ?? VirtualQuantity,
      Connection,
    ]),
    [
      ['3', '4', undefined],
      ['4', '3072', undefined],
      ['6', 'VirtualSCSI', undefined],
      ['17', undefined, undefined],
      ['10', 'VmxNet3', 'Inside'],
      ['10', 'VmxNet3', 'Out & about'],
      ['10', 'VmxNet3', 'Inside'],
    ],
  );
  for (const [, , , fields] of all(root, 'Item')) {
    const names = fields.map(([name]) => name);
    assert.deepEqual(names, [...names].sort(), 'the schema wants the order of the alphabet');
  }
  assert.equal(new Set(items.map(({ InstanceID }) => InstanceID)).size, items.length);
});

test('the same disk and options give the same bytes', async () => {
  for (const name of ['once', 'twice']) await writeOva(disk.open(), at(name), base);
  assert.ok(readFileSync(at('once')).equals(readFileSync(at('twice'))));
});

test('sizes that the old header cannot hold are read by tar', { skip: missing('tar') }, () => {
  const listing = (size: number) => {
    const header = ustarHeader('large', size, 0);
    return run(
      folder,
      'sh',
      '-c',
      `printf %s "$1" | base64 -d | tar -tvf - 2>&1 || true`,
      'sh',
      Buffer.from(header).toString('base64'),
    );
  };
  for (const size of [8 ** 11 - 1, 8 ** 11, 2 ** 42]) assert.match(listing(size), new RegExp(` ${size} `));
});

test('options that cannot be are refused before there is a file', async () => {
  const refused: [Partial<OvaWriteOptions>, RegExp][] = [
    [{ name: '../escape' }, /name of an appliance/],
    [{ name: '' }, /name of an appliance/],
    [{ cpus: 0 }, /0 processors/],
    [{ memory: 1.5 }, /1\.5 MiB/],
    [{ networks: [''] }, /needs a name/],
    [{ time: -1 }, /tar header/],
    [{ uuid: 'none' }, /not a UUID/],
    [{ level: 11 }, /levels are/],
  ];
  for (const [change, message] of refused)
    await assert.rejects(writeOva(bytesDisk(new Uint8Array(512)), at('refused'), { ...base, ...change }), {
      name: 'RangeError',
      message,
    });
  assert.ok(!existsSync(at('refused')));
});
