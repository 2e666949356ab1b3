import { basename, dirname, resolve } from 'node:path';
import { KilnError } from '../base/errors.ts';
import { exists } from '../base/files.ts';
import type { AttachmentKind } from './attachment.ts';
import {
  type PackedAttachment,
  packAttachment,
  placeAttachment,
  readAttachment,
  sweepAttachments,
  withAttachments,
} from './attachments.ts';
import { type ExportOptions, exportImage } from './export-image.ts';
import { bytesOnDisk } from './folders.ts';
import { layerPath, type StoreLayout, storeLayout } from './home.ts';
import type { ImageRecord } from './image-record.ts';
import { parseImageReference, tagReference } from './image-reference.ts';
import { findByKey, forgetImage, readRecord, resolveReference, writeRecord } from './images.ts';
import { type ImportOptions, importImage } from './import-image.ts';
import { type AddLayerOptions, addLayer, type Layer, type LayerProblem, verifyLayers } from './layers.ts';
import { addToPin, describeOwner, dropClaim, handPinOn, type PinOwner, readPins, removePin } from './pins.ts';
import { neededLayers, type Pruned, type PruneOptions, prune, readRecords, sweepLayers } from './prune.ts';
import { markUsed } from './prune-downloads.ts';
import { makeFolders, withStoreLock } from './store-lock.ts';
import { listTags, readTag, removeTag, writeTag } from './tags.ts';

/** An image as `kiln image list` shows it. */
export interface ListedImage {
  readonly record: ImageRecord;
  /** `name:tag`, sorted. */
  readonly references: readonly string[];
  /** Bytes on the disk of all its layers, and of those that no other image has. */
  readonly bytes: number;
  readonly ownBytes: number;
  readonly usedBy: readonly PinOwner[];
}

export interface RemovedImage {
  readonly id: string;
  /** Names that were taken away. */
  readonly references: readonly string[];
  /** False when only a name was taken away and the image has others. */
  readonly removed: boolean;
  readonly bytes: number;
}

/** Opens the store. Nothing is read or made before it is needed. */
export function openStore(home: string): Store {
  return new Store(home);
}

/**
 * Disk images by digest, with names. Safe for many processes at once: changes are made under one lock and are
 * quick; reading needs no lock.
 */
export class Store {
  readonly home: string;
  readonly layout: StoreLayout;

  constructor(home: string) {
    this.home = home;
    this.layout = storeLayout(home);
  }

  /**
   * Makes a disk a layer. `parent` is the image it is an overlay on.
   * @throws KilnError `file-missing`, `file-unsafe`, `not-found`, `disk-full`, `cancelled`
   */
  async addLayer(
    options: Omit<AddLayerOptions, 'parentLayers'> & { readonly parent?: string },
  ): Promise<Layer> {
    const { parent, ...rest } = options;
    if (parent === undefined) return addLayer(this.home, rest);
    const { layers } = await this.getImage(parent.includes(':') ? parent : `sha256:${parent}`);
    return addLayer(this.home, { ...rest, parentLayers: layers });
  }

  /**
   * Makes layers an image, and gives it names at the same time, so that no `prune` comes between. A name that
   * another image has moves over.
   * @throws KilnError `store-corrupt` when a layer is not there, `bad-usage` for a name that cannot be
   */
  async putImage(
    record: ImageRecord,
    references: readonly string[] = [],
    attachments: readonly PackedAttachment[] = [],
  ): Promise<void> {
    const tags = references.map(tagReference);
    await withStoreLock(this.home, async (layout) => {
      for (const digest of record.layers) {
        if (await exists(layerPath(layout, digest))) continue;
        throw new KilnError(
          'store-corrupt',
          `the layer sha256:${digest} of the new image is not in the store`,
          {
            hint: 'it was removed while the image was made; run the command again',
          },
        );
      }
      for (const packed of attachments) await placeAttachment(layout, packed);
      // The same disk made again is the same image: what is known of it stays known.
      const known = (await readRecord(layout, record.id))?.attachments ?? [];
      const added = [...(record.attachments ?? []), ...attachments.map(({ attachment }) => attachment)];
      await writeRecord(layout, withAttachments({ ...record, attachments: known }, added));
      for (const { name, tag } of tags) await writeTag(layout, { name, tag, id: record.id });
      if (tags.length > 0) await dropClaim(layout, record.layers);
    });
  }

  /** @throws KilnError `not-found` with the nearest name, `bad-usage`, `store-corrupt` */
  async getImage(reference: string): Promise<ImageRecord> {
    const id = await resolveReference(this.layout, reference);
    const record = await readRecord(this.layout, id);
    if (record) return record;
    throw new KilnError('not-found', `the image ${reference} is not in the store any more`, {
      hint: 'see `kiln image list`',
    });
  }

  /** The image that was made with this key, when it is still whole. */
  findByKey(key: string): Promise<ImageRecord | undefined> {
    return findByKey(this.layout, key);
  }

  /**
   * Keeps documents beside an image, in the place of earlier ones of their kinds. They go where the image goes.
   * @throws KilnError `not-found`, `disk-full`, `unsupported` for one that is too large
   */
  async attach(
    id: string,
    documents: readonly { readonly kind: AttachmentKind; readonly content: string | Uint8Array }[],
  ): Promise<ImageRecord> {
    const packed = await Promise.all(documents.map(({ kind, content }) => packAttachment(kind, content)));
    return withStoreLock(this.home, async (layout) => {
      const record = await readRecord(layout, id);
      if (!record) throw new KilnError('not-found', `there is no image sha256:${id}`);
      for (const one of packed) await placeAttachment(layout, one);
      const changed = withAttachments(
        record,
        packed.map(({ attachment }) => attachment),
      );
      // Those in whose place they come are left to `prune`: somebody may be reading them.
      await writeRecord(layout, changed);
      return changed;
    });
  }

  /** A document of an image; undefined when it has none of that kind. @throws KilnError `store-corrupt` */
  async readAttachment(record: ImageRecord, kind: AttachmentKind): Promise<Buffer | undefined> {
    const attachment = record.attachments?.find((one) => one.kind === kind);
    return attachment && readAttachment(this.layout, attachment);
  }

  /** Where an image's top layer is: a qcow2 file that must not be written to. */
  diskPath(image: ImageRecord): string {
    return layerPath(this.layout, image.id);
  }

  /** All images, newest first. */
  async listImages(): Promise<ListedImage[]> {
    const [records, tags, pins] = await Promise.all([
      readRecords(this.layout),
      listTags(this.layout),
      readPins(this.layout),
    ]);
    const users = Map.groupBy(
      records.flatMap((record) => record.layers),
      (digest) => digest,
    );
    const sizes = new Map<string, number>();
    for (const digest of users.keys()) sizes.set(digest, await bytesOnDisk(layerPath(this.layout, digest)));
    const sum = (digests: readonly string[]) =>
      digests.reduce((total, one) => total + (sizes.get(one) ?? 0), 0);
    return records
      .map((record) => ({
        record,
        references: tags.filter((one) => one.id === record.id).map(({ name, tag }) => `${name}:${tag}`),
        bytes: sum(record.layers),
        ownBytes: sum(record.layers.filter((digest) => users.get(digest)?.length === 1)),
        usedBy: pins.living
          .filter((pin) => pin.images.some((image) => image.id === record.id))
          .map((pin) => pin.owner),
      }))
      .sort((a, b) => (a.record.createdAt < b.record.createdAt ? 1 : -1));
  }

  /** Gives an image one more name. A name that another image has moves over. */
  async tag(reference: string, name: string): Promise<void> {
    const { id, layers } = await this.getImage(reference);
    const tag = tagReference(name);
    await withStoreLock(this.home, async (layout) => {
      if (!(await readRecord(layout, id)))
        throw new KilnError('not-found', `the image ${reference} was removed just now`);
      await writeTag(layout, { name: tag.name, tag: tag.tag, id });
      await dropClaim(layout, layers);
    });
  }

  /** Takes a name away. The image stays until `prune`. @throws KilnError `not-found` */
  async untag(name: string): Promise<void> {
    const { name: image, tag } = tagReference(name);
    await resolveReference(this.layout, name);
    await withStoreLock(this.home, (layout) => removeTag(layout, image, tag));
  }

  /**
   * Takes away a name, and with the last one, or for an id, the image with all its names and the layers that
   * nothing else needs. With `force` that is done although machines use it; they keep its layers.
   * @throws KilnError `not-found`, `locked` when a machine or a running command uses it
   */
  async removeImage(reference: string, { force = false } = {}): Promise<RemovedImage> {
    return withStoreLock(this.home, async (layout) => {
      // Under the lock: a name that another process has just taken away would else look like the image's id.
      const id = await resolveReference(layout, reference);
      const named = (await listTags(layout)).filter((one) => one.id === id);
      const only = await this.#onlyName(reference, id);
      if (only && named.length > 1) {
        await removeTag(layout, only.name, only.tag);
        return { id, references: [`${only.name}:${only.tag}`], removed: false, bytes: 0 };
      }
      const { living } = await readPins(layout);
      const users = living.filter((pin) => pin.images.some((image) => image.id === id));
      if (users.length > 0 && !force) {
        const who = users.map((pin) => describeOwner(pin.owner)).join(', ');
        throw new KilnError('locked', `the image ${reference} is used by ${who}`, {
          hint: 'remove that first, or the image with --force: what uses it keeps its layers',
        });
      }
      const layers = (await readRecord(layout, id))?.layers ?? [id];
      await forgetImage(layout, id);
      const needed = neededLayers(living);
      const others = await readRecords(layout);
      for (const other of others) for (const digest of other.layers) needed.add(digest);
      const { bytes } = await sweepLayers(layout, needed, false, layers);
      await sweepAttachments(layout, others);
      return { id, references: named.map(({ name, tag }) => `${name}:${tag}`), removed: true, bytes };
    });
  }

  /** The tag that the reference is, when it is one and not the start of an id. */
  async #onlyName(reference: string, id: string): Promise<{ name: string; tag: string } | undefined> {
    const parsed = parseImageReference(reference);
    if (parsed.kind === 'id') return undefined;
    return (await readTag(this.layout, parsed.name, parsed.tag)) === id ? parsed : undefined;
  }

  /** Keeps an image, by id, for a machine or a running command. @throws KilnError `not-found` */
  async pin(owner: PinOwner, imageId: string): Promise<void> {
    await withStoreLock(this.home, async (layout) => {
      const record = await readRecord(layout, imageId);
      if (!record) throw new KilnError('not-found', `there is no image sha256:${imageId}`);
      await addToPin(layout, owner, { images: [{ id: record.id, layers: record.layers }] });
    });
  }

  /** Keeps whatever of the store a local image is: an image of it, a download, or nothing. */
  async pinLocal(owner: PinOwner, local: { readonly path: string; readonly digest: string }): Promise<void> {
    const folder = resolve(dirname(local.path));
    if (folder === resolve(this.layout.layers)) return this.pin(owner, local.digest);
    if (folder !== resolve(this.layout.downloads)) return;
    await withStoreLock(this.home, async (layout) => {
      const name = basename(local.path);
      await markUsed(layout, name.split('.', 1)[0]!);
      await addToPin(layout, owner, { downloads: [name] });
    });
  }

  /** Keeps what a run has pinned for as long as a folder is there: disks in it build on that. */
  async pinForFolder(runId: string, folder: string): Promise<void> {
    await withStoreLock(this.home, (layout) => handPinOn(layout, runId, folder));
  }

  /** The owner needs nothing any more. */
  async unpin(owner: PinOwner): Promise<void> {
    await withStoreLock(this.home, (layout) => removePin(layout, owner));
  }

  /**
   * Writes an image to a file: a disk in one piece, or an archive of its layers for another store.
   * @throws KilnError `not-found`, `already-exists`, `unsupported`, `disk-full`, `cancelled`
   */
  async exportImage(reference: string, path: string, options: ExportOptions): Promise<void> {
    const record = await this.getImage(reference);
    await exportImage(this.layout, record, path, options);
  }

  /**
   * Takes in a disk file or an archive, under the given names.
   * @throws KilnError `file-missing`, `file-unsafe`, `checksum-mismatch`, `unsupported`, `disk-full`, `cancelled`
   */
  async importImage(
    path: string,
    options: ImportOptions & { readonly references: readonly string[] },
  ): Promise<ImageRecord> {
    for (const reference of options.references) tagReference(reference);
    await makeFolders(this.layout);
    const { record: imported, attachments } = await importImage(this.layout, path, options);
    // What this store knows of the same image, such as the key of its build, is not to be lost.
    const known = await readRecord(this.layout, imported.id);
    await this.putImage(known ?? imported, options.references, known?.attachments ? [] : attachments);
    return this.getImage(`sha256:${imported.id}`);
  }

  /** Removes what nobody needs. */
  prune(options: PruneOptions = {}): Promise<Pruned> {
    return prune(this.home, options);
  }

  /** Re-reads layers, of one image or of all, and tells which are not what their digest says. */
  async verify(reference?: string, onProgress?: (bytes: number) => void): Promise<LayerProblem[]> {
    const records = reference ? [await this.getImage(reference)] : await readRecords(this.layout);
    const checked = new Set<string>();
    const problems: LayerProblem[] = [];
    for (const { layers } of records)
      problems.push(...(await verifyLayers(this.layout, layers, checked, onProgress)));
    return problems;
  }
}
