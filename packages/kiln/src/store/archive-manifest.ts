import { KilnError } from '../base/errors.ts';
import type { Attachment, AttachmentKind } from './attachment.ts';
import { largestAttachment } from './attachments.ts';
import type { ImageRecord } from './image-record.ts';

/**
 * `image.json`, the first member of an archive; behind it come the attachments of the record, packed as in the store, as
 * `attachments/<digest>.zst`, and the layers, lowest first, as `layers/<digest>.qcow2`, and nothing else.
 */
export interface ArchiveManifest {
  readonly kind: 'kiln-image';
  readonly schema: 1;
  readonly record: ImageRecord;
  /** Top first, as in the record. */
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

const attachmentKinds: readonly AttachmentKind[] = ['spdx', 'cyclonedx', 'attestations', 'profile', 'lock'];

export const manifestName = 'image.json';
export const largestManifest = 4 << 20;
const mostLayers = 1000;

export function memberName(digest: string): string {
  return `layers/${digest}.qcow2`;
}

export function attachmentMember(digest: string): string {
  return `attachments/${digest}.zst`;
}

/**
 * Reads a manifest from a stranger's archive, member by member: only what is named here gets into the store.
 * @throws KilnError `file-unsafe`
 */
export function parseManifest(text: string, archive: string): ArchiveManifest {
  const refuse = (why: string) =>
    new KilnError('file-unsafe', `${archive} is not a sound image archive: ${why}`, {
      hint: 'export the image again with `kiln image export --format archive`',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse(`its ${manifestName} is not JSON`);
  }
  if (!isObject(value) || value.kind !== 'kiln-image') throw refuse(`its ${manifestName} describes no image`);
  if (value.schema !== 1) throw refuse(`it has the schema ${String(value.schema)}; this Kiln knows 1`);
  const { record, layers } = value;
  if (!isObject(record) || !Array.isArray(layers)) throw refuse(`its ${manifestName} is incomplete`);
  if (layers.length === 0 || layers.length > mostLayers) throw refuse(`it has ${layers.length} layers`);
  const entries = layers.map((layer: unknown) => {
    if (!isObject(layer)) throw refuse('a layer is not described');
    const { digest, size } = layer;
    if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) throw refuse('a layer has no digest');
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 72)
      throw refuse('a layer has an impossible size');
    return { digest, size };
  });
  const digests = entries.map((entry) => entry.digest);
  if (new Set(digests).size !== digests.length) throw refuse('it has a layer twice');
  return { kind: 'kiln-image', schema: 1, record: readRecord(record, digests, refuse), layers: entries };
}

function readRecord(
  value: Record<string, unknown>,
  digests: readonly string[],
  refuse: (why: string) => KilnError,
): ImageRecord {
  const { id, layers, virtualSize, createdAt, seeded, firmware, user, provenance, attachments } = value;
  if (id !== digests[0] || JSON.stringify(layers) !== JSON.stringify(digests))
    throw refuse('its record is about other layers');
  if (typeof virtualSize !== 'number' || !Number.isSafeInteger(virtualSize) || virtualSize <= 0)
    throw refuse('its record has an impossible disk size');
  if (typeof createdAt !== 'string' || Number.isNaN(Date.parse(createdAt)))
    throw refuse('its record has no time');
  if (typeof seeded !== 'boolean') throw refuse('its record does not say whether it takes a seed');
  const kinds = ['bios', 'efi'] as const;
  if (!Array.isArray(firmware)) throw refuse('its record names no firmware');
  // The user's name goes into ssh command lines.
  if (user !== undefined && (typeof user !== 'string' || !/^[a-z_][a-z0-9_.-]{0,31}$/i.test(user)))
    throw refuse('its record has an impossible user name');
  if (
    !isObject(provenance) ||
    typeof provenance.made !== 'string' ||
    typeof provenance.kilnVersion !== 'string'
  )
    throw refuse('its record does not say where it comes from');
  // A key would make later builds believe that they have been done already.
  const { key: _, ...origin } = provenance;
  return {
    schema: 1,
    id: digests[0]!,
    layers: digests,
    virtualSize,
    createdAt,
    seeded,
    firmware: kinds.filter((kind) => firmware.includes(kind)),
    ...(typeof user === 'string' && { user }),
    provenance: origin as unknown as ImageRecord['provenance'],
    ...(attachments !== undefined && { attachments: readAttachments(attachments, refuse) }),
  };
}

function readAttachments(value: unknown, refuse: (why: string) => KilnError): Attachment[] {
  if (!Array.isArray(value)) throw refuse('its attachments are no list');
  const attachments = value.map((one: unknown): Attachment => {
    if (!isObject(one)) throw refuse('an attachment is not described');
    const { digest, size } = one;
    const kind = attachmentKinds.find((known) => known === one.kind);
    if (!kind)
      throw refuse(
        `it has an attachment of the kind ${JSON.stringify(one.kind)}, which this Kiln does not know`,
      );
    if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest))
      throw refuse('an attachment has no digest');
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || size > largestAttachment)
      throw refuse('an attachment has an impossible size');
    return { kind, digest, size };
  });
  if (new Set(attachments.map(({ kind }) => kind)).size !== attachments.length)
    throw refuse('it has two attachments of one kind');
  return attachments;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
