import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { kilnVersion } from '../../base/version.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import { openStore, type Store } from '../../store/store.ts';
import { workFolder, writeFilesystem } from './make-disk.ts';
import { makeTree, type TreeFile } from './make-tree.ts';

export const imageFiles: Readonly<Record<string, TreeFile>> = {
  'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  'usr/bin/hello': 'hello\n',
  'var/lib/dpkg/status': 'Package: hello\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n',
  'var/lib/dpkg/info/hello.list': '/usr/bin/hello\n',
};

export function makeStore(t: TestContext): Store {
  return openStore(join(workFolder(t), 'home'));
}

/** An image of a small system in a store, as a build would have put it there. */
export async function makeImage(
  t: TestContext,
  store: Store,
  name: string,
  files: Readonly<Record<string, TreeFile>> = imageFiles,
): Promise<ImageRecord> {
  const diskPath = join(workFolder(t), 'disk.raw');
  writeFilesystem(diskPath, makeTree(files), '11111111-1111-4111-8111-111111111111');
  const layer = await store.addLayer({ diskPath, format: 'raw', move: true });
  const record: ImageRecord = {
    schema: 1,
    id: layer.digest,
    layers: layer.layers,
    virtualSize: layer.virtualSize,
    createdAt: '2026-01-02T03:04:05.000Z',
    seeded: false,
    firmware: ['bios'],
    provenance: {
      kilnVersion,
      made: `build ${name}`,
      template: { file: 'kiln.yaml', digest: 'b'.repeat(64) },
      inputs: [{ what: 'page/index.html', digest: 'c'.repeat(64) }],
      startedAt: '2026-01-02T03:04:00.000Z',
      finishedAt: '2026-01-02T03:04:05.000Z',
    },
  };
  await store.putImage(record, [name]);
  return record;
}
