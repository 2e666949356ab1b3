import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { kilnVersion } from '../../../base/version.ts';
import { openStore } from '../../../store/store.ts';
import type { ServiceContext } from '../../service-context.ts';
import type { TestReply, TestService } from '../../testing/test-service.ts';

export const group = '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/team';
export const gallery = `${group}/providers/Microsoft.Compute/galleries/shared`;
export const definition = `${gallery}/images/web`;
export const compute = 'api-version=2025-03-03';

type Body = Record<string, unknown>;

export const definitionBody = {
  location: 'westeurope',
  properties: {
    osType: 'Linux',
    osState: 'Generalized',
    hyperVGeneration: 'V1',
    identifier: { publisher: 'team', offer: 'web', sku: 'one' },
  },
};

/** Puts a disk of a few bytes into a store as an image; gives its digest. */
export async function makeImage(home: string, text: string): Promise<string> {
  const raw = join(home, `${randomUUID()}.raw`);
  writeFileSync(raw, Buffer.concat([Buffer.from(text), Buffer.alloc(1024 * 1024 - Buffer.byteLength(text))]));
  return keepDisk(home, raw);
}

/** An image with a filesystem in it: files by their paths. */
export async function makeSystem(home: string, files: Readonly<Record<string, string>>): Promise<string> {
  const tree = join(home, `${randomUUID()}.tree`);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  const raw = join(home, `${randomUUID()}.raw`);
  // One partition of Linux, from 1 MiB on, to the end of 9 MiB (the table of a PC, at the end of its first sector).
  const sector = Buffer.alloc(512);
  sector[450] = 0x83;
  sector.writeUInt32LE(2048, 454);
  sector.writeUInt32LE(16_384, 458);
  sector.writeUInt16LE(0xaa55, 510);
  writeFileSync(raw, Buffer.concat([sector, Buffer.alloc(9 * 1024 * 1024 - 512)]));
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', tree, '-E', 'offset=1048576', raw, '8M'], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  rmSync(tree, { recursive: true });
  return keepDisk(home, raw);
}

async function keepDisk(home: string, raw: string): Promise<string> {
  const store = openStore(home);
  const layer = await store.addLayer({ diskPath: raw, format: 'raw', move: true });
  await store.putImage(
    {
      schema: 1,
      id: layer.digest,
      layers: layer.layers,
      virtualSize: layer.virtualSize,
      createdAt: '2026-01-02T03:04:05.000Z',
      seeded: false,
      firmware: [],
      provenance: { kilnVersion, made: 'test' },
    },
    [`test/${layer.digest.slice(0, 12)}`],
  );
  return layer.digest;
}

/** An image on top of another, as builds make them. */
export async function makeChild(home: string, parent: string, letter: string): Promise<string> {
  const store = openStore(home);
  const record = await store.getImage(`sha256:${parent}`);
  const overlay = join(home, `${randomUUID()}.qcow2`);
  execFileSync('qemu-img', [
    ...['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', store.diskPath(record), overlay],
  ]);
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', `write -P ${letter.charCodeAt(0)} 256k 64k`, overlay], {
    stdio: 'ignore',
  });
  const layer = await store.addLayer({ diskPath: overlay, parent, move: true });
  await store.putImage({ ...record, id: layer.digest, layers: layer.layers }, [
    `test/${layer.digest.slice(0, 12)}`,
  ]);
  return layer.digest;
}

/** A run that is held with a fence, as a worker would hold it. */
export async function makeRun(context: ServiceContext, fence = 1, template: unknown = {}): Promise<string> {
  const id = randomUUID();
  await context.database
    .insertInto('runs')
    .values({
      ...{ id, template_id: `${group}/t/${id}`.toLowerCase(), template: JSON.stringify(template) },
      ...{ location: 'westeurope', cause: 'manual', caller_id: 'somebody', client_request_id: id },
      ...{ state: 'Running', sub_state: 'Distributing', message: '', failure: null },
      ...{ queued_at: context.now(), started_at: context.now(), ended_at: null, cpus: 1, memory_mib: 512 },
      ...{ fence, worker_id: null, attempts: 1, lost: 0, exact_source: null, image: null },
    })
    .execute();
  return id;
}

/** A gallery with one image definition. */
export async function makeGallery(service: TestService): Promise<void> {
  await service.request('PUT', `${gallery}?${compute}`, { body: { location: 'westeurope' } });
  await service.request('PUT', `${definition}?${compute}`, { body: definitionBody });
}

/** Follows an operation to its end, and gives its last state. */
export async function followed(service: TestService, reply: TestReply): Promise<Body> {
  const address = reply.headers['azure-asyncoperation'] ?? '';
  for (;;) {
    const { body } = await service.request('GET', address);
    const state = body as Body;
    if (state['status'] !== 'InProgress') return state;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The code of an error reply. */
export function codeOf(reply: TestReply): string {
  return ((reply.body as Body)['error'] as Body)['code'] as string;
}
