import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../../guests/testing/temporary-folder.ts';
import { endFolderServer, serveFolders } from './folder-server.ts';
import { NfsClient } from './testing/nfs-client.ts';
import type { XdrWriter } from './xdr.ts';

const stale = 70;

async function served(t: TestContext, readOnly = false) {
  const root = await temporaryFolder(t);
  const machine = join(root, 'machine');
  const share = join(root, 'share');
  const outside = join(root, 'outside');
  for (const folder of [machine, share, outside]) mkdirSync(folder);
  writeFileSync(join(share, 'file'), 'content');
  writeFileSync(join(outside, 'secret'), 'secret');
  const { signal } = new AbortController();
  const start = async () => {
    const [folder] = (await serveFolders(machine, [{ path: share, readOnly }], signal)).values();
    return folder!;
  };
  const { port, path } = await start();
  const client = await NfsClient.connect(port);
  t.after(async () => {
    client.close();
    await endFolderServer(machine);
  });
  const mount = async (wanted: string) => {
    const reply = await client.call('mount', 1, (args) => args.text(wanted));
    const status = reply.u32();
    return status === 0 ? reply.opaque() : status;
  };
  const rootHandle = await mount(`${path}/33/44`);
  assert.ok(typeof rootHandle !== 'number');
  const call = (procedure: number, write: (args: XdrWriter) => void) => client.call('nfs', procedure, write);
  const lookup = async (folder: Buffer, name: string) => {
    const reply = await call(3, (args) => args.opaque(folder).text(name));
    const status = reply.u32();
    return status === 0 ? reply.opaque() : status;
  };
  /** CREATE, unchecked, with a mode. */
  const create = async (folder: Buffer, name: string, mode = 0o644) =>
    (
      await call(8, (args) => {
        args.opaque(folder).text(name).u32(0).bool(true).u32(mode);
        for (let index = 0; index < 5; index++) args.u32(0);
      })
    ).u32();
  return { machine, share, outside, port, path, client, mount, rootHandle, call, lookup, create, start };
}

function found(handle: Buffer | number): Buffer {
  assert.ok(typeof handle !== 'number', `status ${handle}`);
  return handle;
}

test('who does not know the secret gets nothing', async (t) => {
  const { path, mount, call, rootHandle } = await served(t);
  const wrong = `${path.slice(0, 1)}${path[1] === '0' ? '1' : '0'}${path.slice(2)}`;
  for (const one of [
    wrong,
    '/',
    '/etc',
    `${path}/9`,
    `${path}/../33/44`,
    `${path.slice(0, -8)}00000000/33/44`,
  ])
    assert.notEqual(typeof (await mount(`${one}/33/44`)), 'object', one);
  const forged = Buffer.from(rootHandle);
  forged[0]! ^= 1;
  assert.equal((await call(1, (args) => args.opaque(forged))).u32(), stale);
  assert.equal((await call(1, (args) => args.opaque(Buffer.alloc(44)))).u32(), stale);
});

test('files are shown with the ids of the mount, whoever has them', async (t) => {
  const { call, lookup, rootHandle } = await served(t);
  const reply = await call(1, (args) => args.opaque(found(Buffer.from(rootHandle))));
  assert.deepEqual(
    [reply.u32(), reply.u32(), reply.u32() & 0, reply.u32() & 0, reply.u32(), reply.u32()],
    [0, 2, 0, 0, 33, 44],
  );
  found(await lookup(rootHandle, 'file'));
});

test('names do not lead out of the folder', async (t) => {
  const { lookup, create, rootHandle, outside, share, call } = await served(t);
  assert.deepEqual(found(await lookup(rootHandle, '..')), found(await lookup(rootHandle, '.')));
  for (const name of ['../outside', 'a/b', '/etc', '', 'x\0y']) {
    assert.equal(await lookup(rootHandle, name), 22, JSON.stringify(name));
    assert.equal(await create(rootHandle, name), 22, JSON.stringify(name));
  }
  symlinkSync(outside, join(share, 'link'));
  const link = found(await lookup(rootHandle, 'link'));
  // A link is a link, and no folder.
  assert.equal(await lookup(link, 'secret'), 20);
  assert.equal(await create(link, 'made'), 20);
  const target = await call(5, (args) => args.opaque(link));
  assert.equal(target.u32(), 0);
  assert.equal(existsSync(join(outside, 'made')), false);
});

test('a folder that became a link is not entered by its old handle', async (t) => {
  const { lookup, create, rootHandle, outside, share } = await served(t);
  mkdirSync(join(share, 'a/b'), { recursive: true });
  writeFileSync(join(share, 'a/secret'), 'inside');
  const folder = found(await lookup(rootHandle, 'a'));
  const file = found(await lookup(folder, 'secret'));
  renameSync(join(share, 'a'), join(share, 'moved'));
  symlinkSync(outside, join(share, 'a'));
  // The handle is the folder's, wherever it is now.
  assert.equal(await create(folder, 'made'), 0);
  assert.equal(existsSync(join(outside, 'made')), false);
  assert.equal(existsSync(join(share, 'moved/made')), true);
  assert.ok(file.length > 0);
});

test('what a machine makes is never set-uid, and no device', async (t) => {
  const { create, rootHandle, share, call, lookup } = await served(t);
  assert.equal(await create(rootHandle, 'program', 0o4755), 0);
  assert.equal(statSync(join(share, 'program')).mode & 0o7777, 0o755);
  const program = found(await lookup(rootHandle, 'program'));
  const set = await call(2, (args) => {
    args.opaque(program).bool(true).u32(0o6777);
    for (let index = 0; index < 6; index++) args.u32(0);
  });
  assert.equal(set.u32(), 0);
  assert.equal(statSync(join(share, 'program')).mode & 0o7777, 0o777);
  const device = await call(11, (args) => args.opaque(rootHandle).text('null').u32(4));
  assert.equal(device.u32(), 10_004);
});

test('files are read, written, linked and removed, and a read-only folder stays as it is', async (t) => {
  const { lookup, rootHandle, share, call } = await served(t);
  const file = found(await lookup(rootHandle, 'file'));
  const write = (handle: Buffer) =>
    call(7, (args) => args.opaque(handle).u64(3n).u32(4).u32(2).opaque(Buffer.from('TENT')));
  assert.equal((await write(file)).u32(), 0);
  assert.equal(readFileSync(join(share, 'file'), 'utf8'), 'conTENT');
  const link = await call(10, (args) => {
    args.opaque(rootHandle).text('link');
    for (let index = 0; index < 6; index++) args.u32(0);
    args.text('/etc/passwd');
  });
  assert.equal(link.u32(), 0);
  assert.equal(readlinkSync(join(share, 'link')), '/etc/passwd');
  assert.equal((await call(12, (args) => args.opaque(rootHandle).text('link'))).u32(), 0);
  assert.equal(existsSync(join(share, 'link')), false);
  const other = await served(t, true);
  const kept = found(await other.lookup(other.rootHandle, 'file'));
  const refused = await other.call(7, (args) =>
    args.opaque(kept).u64(0n).u32(1).u32(2).opaque(Buffer.from('x')),
  );
  assert.equal(refused.u32(), 30);
  assert.equal(await other.create(other.rootHandle, 'new'), 30);
});

test('handles outlive the server', async (t) => {
  const { lookup, rootHandle, machine, start, port, client } = await served(t);
  const file = found(await lookup(rootHandle, 'file'));
  await endFolderServer(machine);
  await client.isDropped();
  const again = await start();
  assert.equal(again.port, port);
  const second = await NfsClient.connect(port);
  t.after(() => second.close());
  const reply = await second.call('nfs', 6, (args) => args.opaque(file).u64(0n).u32(100));
  assert.equal(reply.u32(), 0);
});

test('what is no call is hung up on, and the server goes on', async (t) => {
  const { port, lookup, rootHandle } = await served(t);
  for (const bytes of [Buffer.alloc(3), Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(40, 255)]) {
    const client = await NfsClient.connect(port);
    client.send(bytes);
    assert.ok(await client.isDropped());
  }
  found(await lookup(rootHandle, 'file'));
});
