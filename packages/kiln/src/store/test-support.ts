import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kilnVersion } from '../base/version.ts';
import type { ImageRecord } from './image-record.ts';
import type { Layer } from './layers.ts';
import { openStore, type Store } from './store.ts';

export function qemuImg(...args: string[]): string {
  return execFileSync('qemu-img', args, { encoding: 'utf8' });
}

export function recordOf(layer: Layer, more: Partial<ImageRecord> = {}): ImageRecord {
  return {
    schema: 1,
    id: layer.digest,
    layers: layer.layers,
    virtualSize: layer.virtualSize,
    createdAt: '2026-01-02T03:04:05.000Z',
    seeded: false,
    firmware: ['bios'],
    provenance: { kilnVersion, made: 'test' },
    ...more,
  };
}

/** A temporary folder with disks and stores in it. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'kiln-store-'));
  #count = 0;

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A path that nothing has yet. */
  path(name: string): string {
    return join(this.folder, `${this.#count++}-${name}`);
  }

  store(): Store {
    return openStore(this.path('home'));
  }

  /** A disk of 8 MiB with the given text at its start. */
  disk(text: string, format = 'qcow2', ...options: string[]): string {
    const raw = this.path('disk');
    writeFileSync(raw, Buffer.concat([Buffer.from(text), Buffer.alloc(8 * 2 ** 20 - text.length)]));
    if (format === 'raw') return raw;
    qemuImg('convert', '-f', 'raw', '-O', format, ...options, raw, `${raw}.${format}`);
    rmSync(raw);
    return `${raw}.${format}`;
  }

  /** An overlay on a qcow2 file, with a letter of its own in the second MiB. */
  overlay(backing: string, letter: string): string {
    const path = this.path('overlay.qcow2');
    qemuImg('create', '-q', '-f', 'qcow2', '-b', backing, '-F', 'qcow2', path);
    const write = `write -P ${letter.charCodeAt(0)} 1M 64k`;
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', write, path], { stdio: 'ignore' });
    return path;
  }

  /** An image of one layer. */
  async image(store: Store, text: string, ...references: string[]): Promise<ImageRecord> {
    const record = recordOf(await store.addLayer({ diskPath: this.disk(text), move: true }));
    await store.putImage(record, references);
    return record;
  }

  /** An image of one more layer on another image. */
  async childOf(
    store: Store,
    parent: ImageRecord,
    letter: string,
    ...references: string[]
  ): Promise<ImageRecord> {
    const diskPath = this.overlay(store.diskPath(parent), letter);
    const record = recordOf(await store.addLayer({ diskPath, parent: parent.id, move: true }));
    await store.putImage(record, references);
    return record;
  }
}
