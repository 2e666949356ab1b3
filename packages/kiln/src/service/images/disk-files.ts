import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';
import { listFolder } from '../../store/folders.ts';
import { layerPath } from '../../store/home.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import type { Store } from '../../store/store.ts';
import { ServiceError } from '../service-error.ts';

/** Forms of a disk that can be downloaded, by the ending of its name. */
export const diskForms = {
  qcow2: 'qcow2',
  raw: 'raw',
  vhd: 'vhd-fixed',
  vhdx: 'vhdx',
  vmdk: 'vmdk',
  tar: 'archive',
} as const;

export type DiskForm = keyof typeof diskForms;

export function isDiskForm(text: string): text is DiskForm {
  return Object.hasOwn(diskForms, text);
}

const writing = new Map<string, Promise<void>>();

/**
 * A disk in one piece, made when it is first asked for and kept beside the store for a while, so that a download that
 * broke off can go on. An image of one layer is that layer.
 */
export async function diskFile(store: Store, record: ImageRecord, form: DiskForm): Promise<string> {
  if (form === 'qcow2' && record.layers.length === 1) return layerPath(store.layout, record.id);
  const folder = exportsFolder(store.home);
  const path = join(folder, `${record.id}.${form}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let work = writing.get(path);
  if (!work) {
    work = writeOnce(store, record, form, path).finally(() => writing.delete(path));
    writing.set(path, work);
  }
  await work;
  const now = new Date();
  await utimes(path, now, now);
  return path;
}

async function writeOnce(store: Store, record: ImageRecord, form: DiskForm, path: string): Promise<void> {
  if (await exists(path)) return;
  await store.exportImage(`sha256:${record.id}`, path, { format: diskForms[form], overwrite: true });
}

/** @throws ServiceError 404 */
export function diskFormOf(text: string): DiskForm {
  if (isDiskForm(text)) return text;
  throw new ServiceError(
    404,
    'ResourceNotFound',
    `there is no form "${text}" of a disk; there are ${Object.keys(diskForms).join(', ')}`,
  );
}

function exportsFolder(home: string): string {
  return join(home, 'service', 'exports');
}

/** How long a disk that nobody asks for is kept, in milliseconds. */
const unusedFor = 24 * 3600 * 1000;

export async function sweepDiskFiles(home: string): Promise<void> {
  const folder = exportsFolder(home);
  for (const name of await listFolder(folder)) {
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    try {
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > unusedFor && !writing.has(path)) await rm(path, { force: true });
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
}
