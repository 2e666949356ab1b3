import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { KilnEvent } from '../../base/events.ts';
import type { BoxImage } from '../../plan/image-ref.ts';
import { listBoxes } from '../../store/boxes/stored-boxes.ts';
import { openStore } from '../../store/store.ts';
import { resolveBoxImage } from './box-image.ts';
import { parseOvfDisks } from './ovf-disks.ts';
import { boxBench, makeBox, serveFiles } from './testing.ts';
import { parseVmxDisks } from './vmx-disks.ts';

const megabyte = 1 << 20;

function bench(t: TestContext) {
  const { root, services } = boxBench(t);
  const store = openStore(services.home);
  const resolve = (box: Partial<BoxImage> & { readonly name: string }, more: object = {}) => {
    const events: KilnEvent[] = [];
    const context = { emit: (event: KilnEvent) => events.push(event), signal: services.signal, ...more };
    const ref: BoxImage = {
      kind: 'box',
      providers: [],
      urls: [],
      checkForUpdates: false,
      download: {},
      ...box,
    };
    const texts = () => events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
    return {
      done: resolveBoxImage({ store, env: services.env, timing: services.timing }, ref, context),
      texts,
    };
  };
  /** A disk with some content of its own, in any format of qemu-img. */
  const makeDisk = (name: string, options: readonly string[], content = name, size = 8) => {
    const raw = Buffer.alloc(size * megabyte);
    raw.write(`this is ${content}`, megabyte);
    raw.write('the end', raw.length - 512);
    const rawPath = join(root, `${name}.raw`);
    writeFileSync(rawPath, raw);
    const path = join(root, name);
    execFileSync('qemu-img', ['convert', '-q', '-f', 'raw', ...options, rawPath, path]);
    return { rawPath, bytes: readFileSync(path) };
  };
  const sameDisk = (path: string, rawPath: string) =>
    execFileSync('qemu-img', ['compare', '-q', '-f', 'qcow2', '-F', 'raw', path, rawPath]);
  return { root, services, store, resolve, makeDisk, sameDisk };
}

const libvirt = '{"provider":"libvirt","format":"qcow2","virtual_size":1}';

test('a libvirt box becomes an image that stays when the box is removed, and is found at once from then on', async (t) => {
  const { root, services, resolve, makeDisk, sameDisk } = bench(t);
  const { rawPath, bytes } = makeDisk('box.img', ['-O', 'qcow2']);
  const box = makeBox(root, 'one.box', {
    'metadata.json': libvirt,
    'box.img': bytes,
    vagrant_private_key: 'its own',
  });
  const image = await resolve({ name: 'one', urls: [box.path] }).done;
  sameDisk(image.path, rawPath);
  assert.equal(image.virtualSize, 8 * megabyte);
  assert.deepEqual([image.user, image.login?.password], ['vagrant', 'vagrant']);
  assert.equal(readFileSync(image.login!.privateKeyFiles[0]!, 'utf8'), 'its own');
  for (const file of image.login!.privateKeyFiles.slice(1)) {
    assert.equal(statSync(file).mode & 0o777, 0o600);
    execFileSync('ssh-keygen', ['-y', '-f', file]);
  }
  assert.equal(image.box!.name, 'one');
  rmSync(box.path);
  const again = resolve({ name: 'one', urls: [box.path] });
  assert.equal((await again.done).digest, image.digest);
  assert.deepEqual(again.texts(), []);
  rmSync(services.boxes.boxes, { recursive: true });
  sameDisk(image.path, rawPath);
});

test('boxes with several disks give all of them, that of the system first', async (t) => {
  const { root, resolve, makeDisk, sameDisk } = bench(t);
  const [first, second] = [makeDisk('b.img', ['-O', 'qcow2']), makeDisk('a.img', ['-O', 'qcow2'])];
  const metadata =
    '{"provider":"libvirt","format":"qcow2","disks":[{"path":"b.img"},{"path":"./d/a.img","name":"data"}]}';
  makeBox(root, 'two.box', { 'metadata.json': metadata, 'b.img': first.bytes, 'd/a.img': second.bytes });
  const image = await resolve({ name: 'two', urls: [join(root, 'two.box')] }).done;
  sameDisk(image.path, first.rawPath);
  assert.equal(image.moreDisks?.length, 1);
  sameDisk(image.moreDisks![0]!.path, second.rawPath);
});

const ovf = (disks: readonly string[], firmware = '') => `<?xml version="1.0"?>
<Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:vbox="http://www.virtualbox.org/ovf/machine">
  <References>${disks.map((name, index) => `<File ovf:id="file${index}" ovf:href="${name}"/>`).join('')}</References>
  <DiskSection>${disks.map((_, index) => `<Disk ovf:capacity="1" ovf:diskId="vmdisk${index}" ovf:fileRef="file${index}"/>`).join('')}</DiskSection>
  <VirtualSystem ovf:id="x"><VirtualHardwareSection>
    ${disks
      .map(
        (_, index) => `<Item><rasd:AddressOnParent>${disks.length - 1 - index}</rasd:AddressOnParent>
      <rasd:HostResource>/disk/vmdisk${index}</rasd:HostResource><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>`,
      )
      .join('\n')}
  </VirtualHardwareSection>${firmware}</VirtualSystem></Envelope>`;

test('VirtualBox boxes are converted, those of Vagrant 1.0 too', async (t) => {
  const { root, resolve, makeDisk, sameDisk } = bench(t);
  const stream = makeDisk('box-disk1.vmdk', ['-O', 'vmdk', '-o', 'subformat=streamOptimized']);
  const efi = '<vbox:Machine><Hardware><Firmware type="EFI"/></Hardware></vbox:Machine>';
  const metadata = '{"provider":"virtualbox"}';
  const kinds: readonly Readonly<Record<string, string>>[] = [{ 'metadata.json': metadata }, {}];
  for (const more of kinds) {
    const name = `virtualbox-${Object.keys(more).length}`;
    makeBox(root, `${name}.box`, {
      ...more,
      'box.ovf': ovf(['box-disk1.vmdk'], efi),
      'box-disk1.vmdk': stream.bytes,
    });
    const image = await resolve({ name, urls: [join(root, `${name}.box`)] }).done;
    sameDisk(image.path, stream.rawPath);
    assert.equal(image.firmware, 'efi');
  }
  assert.deepEqual(parseOvfDisks(ovf(['one.vmdk', 'two &amp; more.vmdk'])), {
    files: ['two & more.vmdk', 'one.vmdk'],
  });
  assert.deepEqual(parseOvfDisks(''), { files: [] });
});

test('VMware boxes are converted, with disks in one piece or in many', async (t) => {
  const { root, resolve, makeDisk, sameDisk } = bench(t);
  const vmx =
    'scsi0:0.present = "TRUE"\nscsi0:0.fileName = "disk.vmdk"\nide1:0.fileName = "auto detect"\nfirmware = "efi"\n';
  const metadata = '{"provider":"vmware_desktop"}';
  for (const subformat of [
    'monolithicSparse',
    'twoGbMaxExtentSparse',
    'twoGbMaxExtentFlat',
    'monolithicFlat',
  ]) {
    const folder = join(root, subformat);
    mkdirSync(folder);
    const { rawPath } = makeDisk(`${subformat}/disk.vmdk`, ['-O', 'vmdk', '-o', `subformat=${subformat}`]);
    const parts = readdirSync(folder).filter((name) => name.endsWith('.vmdk'));
    const files = Object.fromEntries(parts.map((name) => [name, readFileSync(join(folder, name))]));
    makeBox(root, `${subformat}.box`, { 'metadata.json': metadata, 'web.vmx': vmx, ...files });
    const image = await resolve({ name: subformat, urls: [join(root, `${subformat}.box`)] }).done;
    sameDisk(image.path, rawPath);
    assert.equal(image.firmware, 'efi', subformat);
  }
  const two = parseVmxDisks(
    'SCSI0:1.fileName = "b.vmdk"\nscsi0:0.fileName = "a.vmdk"\nsata0:0.fileName = "c.vmdk"\nsata0:0.present = "false"\n',
  );
  assert.deepEqual(two, { files: ['a.vmdk', 'b.vmdk'] });
});

test('raw disks and those of Hyper-V are converted', async (t) => {
  const { root, resolve, makeDisk, sameDisk } = bench(t);
  const raw = makeDisk('raw.img', ['-O', 'raw']);
  makeBox(root, 'raw.box', { 'metadata.json': '{"provider":"qemu","format":"raw"}', 'box.img': raw.bytes });
  sameDisk((await resolve({ name: 'raw', urls: [join(root, 'raw.box')] }).done).path, raw.rawPath);
  const vhdx = makeDisk('x.vhdx', ['-O', 'vhdx']);
  makeBox(root, 'hyperv.box', {
    'metadata.json': '{"provider":"hyperv"}',
    'Virtual Hard Disks/x.vhdx': vhdx.bytes,
  });
  sameDisk((await resolve({ name: 'hyperv', urls: [join(root, 'hyperv.box')] }).done).path, vhdx.rawPath);
});

test('disks that name files of the host, or are not what the box says, are refused', async (t) => {
  const { root, services, resolve, makeDisk } = bench(t);
  const secret = join(root, 'secret');
  writeFileSync(secret, Buffer.alloc(megabyte, 's'));
  const create = (name: string, ...args: string[]) => {
    execFileSync('qemu-img', ['create', '-q', ...args], { cwd: root });
    return readFileSync(join(root, name));
  };
  const backing = create('backing.img', '-f', 'qcow2', '-F', 'raw', '-b', secret, 'backing.img');
  const dataFile = create(
    'data.img',
    '-f',
    'qcow2',
    '-o',
    `data_file=${join(root, 'elsewhere')},data_file_raw=on`,
    'data.img',
    '1M',
  );
  const honest = makeDisk('honest.img', ['-O', 'qcow2']).bytes;
  const descriptor = (name: string) =>
    `# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 2048 FLAT "${name}" 0\n`;
  const parent = `${descriptor('flat.vmdk')}parentFileNameHint="${secret}"\n`;
  const vmx = 'scsi0:0.fileName = "disk.vmdk"\n';
  const vmware = { 'metadata.json': '{"provider":"vmware"}', 'x.vmx': vmx };
  const virtualbox = { 'metadata.json': '{"provider":"virtualbox"}' };
  const cases: readonly (readonly [string, Readonly<Record<string, string | Buffer>>, RegExp])[] = [
    ['backing', { 'metadata.json': libvirt, 'box.img': backing }, /names another file.*secret/],
    ['data', { 'metadata.json': libvirt, 'box.img': dataFile }, /names another file/],
    [
      'lying',
      { 'metadata.json': libvirt, 'box.img': Buffer.alloc(megabyte) },
      /says that its disk is qcow2, but it is raw/,
    ],
    [
      'hidden',
      { 'metadata.json': '{"provider":"qemu","format":"raw"}', 'box.img': honest },
      /says that its disk is raw, but it is qcow2/,
    ],
    ['missing', { 'metadata.json': '{"provider":"libvirt","disks":[{"path":"gone"}]}' }, /not there: "gone"/],
    ['extent', { ...vmware, 'disk.vmdk': descriptor(secret) }, /names ".*secret" as its extent/],
    ['climb', { ...vmware, 'disk.vmdk': descriptor('../secret') }, /names "\.\.\/secret" as its extent/],
    [
      'parent',
      { ...vmware, 'disk.vmdk': parent, 'flat.vmdk': Buffer.alloc(megabyte) },
      /as its backing file/,
    ],
    ['vmx', { ...vmware, 'x.vmx': `scsi0:0.fileName = "${secret}.vmdk"\n` }, /is outside of it/],
    ['ovf', { ...virtualbox, 'box.ovf': ovf(['../../../secret']) }, /is outside of it|is not there/],
    [
      'noise',
      {
        'metadata.json': libvirt,
        'box.img': Buffer.concat([honest.subarray(0, 4), Buffer.alloc(5000, 0xff)]),
      },
      /not a sound disk image|not used/,
    ],
  ];
  for (const [name, files, message] of cases) {
    makeBox(root, `${name}.box`, files);
    await assert.rejects(
      resolve({ name, urls: [join(root, `${name}.box`)] }).done,
      { code: 'file-unsafe', message },
      name,
    );
  }
  assert.deepEqual(readdirSync(join(services.home, 'layers')), []);
  makeBox(root, 'empty.box', { 'metadata.json': '{"provider":"docker"}', Vagrantfile: '' });
  await assert.rejects(resolve({ name: 'empty', urls: [join(root, 'empty.box')] }).done, {
    code: 'unsupported',
    message: /has no disk/,
  });
});

test('a box that claims a smaller disk than it has is used as it is, and that is told', async (t) => {
  const { root, resolve } = bench(t);
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', 'large.img', '3G'], { cwd: root });
  makeBox(root, 'large.box', { 'metadata.json': libvirt, 'box.img': readFileSync(join(root, 'large.img')) });
  const { done, texts } = resolve({ name: 'large', urls: [join(root, 'large.box')] });
  assert.equal((await done).virtualSize, 3 * 2 ** 30);
  assert.match(texts().join('\n'), /says that its disk has 1\.0 GB, but it has 3\.0 GB/);
});

test('a newer version is told of, once an hour, and a server that is gone keeps nobody from working', async (t) => {
  const { root, services, resolve, makeDisk } = bench(t);
  const { bytes } = makeDisk('box.img', ['-O', 'qcow2']);
  const box = makeBox(root, 'one.box', { 'metadata.json': libvirt, 'box.img': bytes });
  const files: Record<string, { content: string | Buffer; type?: string }> = {
    '/one.box': { content: box.bytes },
  };
  const server = await serveFiles(t, files);
  const publish = (...versions: string[]) => {
    const providers = [{ name: 'libvirt', url: `${server.origin}/one.box` }];
    const content = JSON.stringify({
      name: 'a/b',
      versions: versions.map((version) => ({ version, providers })),
    });
    files['/a/b'] = { content, type: 'application/json' };
  };
  publish('1.0');
  const ref = {
    name: 'a/b',
    server: server.origin,
    providers: ['libvirt'],
    architecture: 'auto',
    checkForUpdates: true,
  };
  await resolve(ref).done;
  const makeOld = async () => {
    const [stored] = await listBoxes(services.boxes);
    utimesSync(join(stored!.folder, 'box_update_check'), new Date(), new Date(Date.now() - 4e6));
  };
  publish('1.0', '1.1', '2.0');
  const first = resolve({ ...ref, version: '< 2' });
  assert.equal((await first.done).box!.version, '1.0');
  assert.match(
    first.texts().join('\n'),
    /^there is a newer version of a\/b: 1\.1 \(this is 1\.0\); get it with/,
  );
  const asked = server.requests.length;
  const second = resolve(ref);
  await second.done;
  assert.deepEqual([second.texts(), server.requests.length], [[], asked]);
  await makeOld();
  await server.close();
  const third = resolve(ref);
  await third.done;
  assert.match(third.texts().join('\n'), /could not be found out/);
});

test('eight machines of the same new box get it once', async (t) => {
  const { root, resolve, makeDisk } = bench(t);
  const { bytes } = makeDisk('box.img', ['-O', 'qcow2']);
  const box = makeBox(root, 'one.box', { 'metadata.json': libvirt, 'box.img': bytes });
  const server = await serveFiles(t, { '/one.box': { content: box.bytes } });
  const ref = { name: 'one', urls: [`${server.origin}/one.box`] };
  const images = await Promise.all(Array.from({ length: 8 }, () => resolve(ref).done));
  assert.equal(new Set(images.map(({ digest }) => digest)).size, 1);
  // Once to see that it is no catalogue, and once to have it.
  assert.equal(server.requests.length, 2);
});

test('a box that is not here is not fetched where nothing may be', async (t) => {
  const { resolve } = bench(t);
  await assert.rejects(resolve({ name: 'a/b' }, { onlyPresent: true }).done, { code: 'not-found' });
});

test('a path or URL may stand for a name, and a file that was made anew is taken anew', async (t) => {
  const { root, resolve, makeDisk, sameDisk } = bench(t);
  const first = makeDisk('first', ['-O', 'qcow2']);
  const make = (bytes: Buffer) => makeBox(root, 'one.box', { 'metadata.json': libvirt, 'box.img': bytes });
  const { path } = make(first.bytes);
  sameDisk((await resolve({ name: path }).done).path, first.rawPath);
  const second = makeDisk('second', ['-O', 'qcow2']);
  make(second.bytes);
  utimesSync(path, new Date(), new Date(Date.now() + 60_000));
  sameDisk((await resolve({ name: path }).done).path, second.rawPath);

  const providers = [{ name: 'libvirt', url: path }];
  const content = JSON.stringify({ name: 'a/b', versions: [{ version: '1.0', providers }] });
  writeFileSync(join(root, 'ab.json'), content);
  for (let times = 0; times < 2; times++) {
    const image = await resolve({ name: join(root, 'ab.json') }).done;
    assert.deepEqual([image.box!.name, image.box!.version], ['a/b', '1.0']);
  }
  const served = {
    '/one.box': { content: readFileSync(path) },
    '/ab.json': { content: content.replace(path, 'one.box'), type: 'application/json' },
  };
  const server = await serveFiles(t, served);
  const names = [];
  for (const name of ['one.box', 'ab.json', 'one.box', 'ab.json'])
    names.push((await resolve({ name: `${server.origin}/${name}`, providers: ['libvirt'] }).done).box!.name);
  assert.deepEqual(names, [`${server.origin}/one.box`, 'a/b', `${server.origin}/one.box`, 'a/b']);
});
