import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttachmentMembers } from './archive-attachments.ts';
import { parseManifest } from './archive-manifest.ts';
import type { Attachment } from './attachment.ts';
import { packAttachment } from './attachments.ts';
import type { TarMember } from './plain-tar.ts';

function member(name: string, content: Uint8Array, size = content.length): TarMember {
  async function* chunks() {
    yield Buffer.from(content);
  }
  return { name, size, content: chunks() };
}

const name = ({ digest }: Attachment) => `attachments/${digest}.zst`;

test('documents of an archive are taken when they are what the manifest says', async () => {
  const { attachment, bytes } = await packAttachment('spdx', 'document');
  const members = new AttachmentMembers('web.kiln');
  members.expect([attachment]);
  assert.deepEqual(members.missing(), [name(attachment)]);
  assert.equal(await members.take(member('layers/x.qcow2', bytes)), false);
  assert.equal(await members.take(member(name(attachment), bytes)), true);
  assert.deepEqual(members.taken, [{ attachment, bytes: Buffer.from(bytes) }]);
  assert.deepEqual(members.missing(), []);
  assert.equal(
    await members.take(member(name(attachment), bytes)),
    false,
    'a second one does not belong to it',
  );
});

test('one content for two kinds of documents comes once', async () => {
  const { attachment, bytes } = await packAttachment('profile', 'same');
  const members = new AttachmentMembers('web.kiln');
  members.expect([attachment, { ...attachment, kind: 'lock' }]);
  await members.take(member(name(attachment), bytes));
  assert.deepEqual(
    members.taken.map((one) => one.attachment.kind),
    ['profile', 'lock'],
  );
});

test('what is not what it should be is refused', async () => {
  const { attachment, bytes } = await packAttachment('spdx', 'document');
  const { bytes: other } = await packAttachment('spdx', 'DOCUMENT');
  const { bytes: bomb } = await packAttachment('spdx', Buffer.alloc(64 << 20));
  const cases: readonly (readonly [content: Uint8Array, code: string, message: RegExp])[] = [
    [other, 'checksum-mismatch', /its content has the digest/],
    [bomb, 'checksum-mismatch', /does not have the 8 bytes that it should have/],
    [
      bytes.subarray(0, bytes.length - 3),
      'checksum-mismatch',
      /cannot be unpacked|does not have the 8 bytes/,
    ],
    [Buffer.from('text'), 'checksum-mismatch', /cannot be unpacked/],
  ];
  for (const [content, code, message] of cases) {
    const members = new AttachmentMembers('web.kiln');
    members.expect([attachment]);
    await assert.rejects(members.take(member(name(attachment), content)), { code, message });
  }
  const members = new AttachmentMembers('web.kiln');
  members.expect([attachment]);
  await assert.rejects(members.take(member(name(attachment), bytes, 65 << 20)), {
    code: 'file-unsafe',
    message: /has 65\.0 MB/,
  });
});

const digest = 'a'.repeat(64);
const good = { kind: 'spdx', digest, size: 1 };
const manifests: readonly (readonly [attachments: unknown, why: RegExp])[] = [
  ['x', /its attachments are no list/],
  [[1], /an attachment is not described/],
  [[{ ...good, kind: '../x' }], /an attachment of the kind "\.\.\/x", which this Kiln does not know/],
  [[{ ...good, digest: '../../etc/passwd' }], /an attachment has no digest/],
  [[{ ...good, size: -1 }], /an impossible size/],
  [[{ ...good, size: 2 ** 40 }], /an impossible size/],
  [[good, good], /two attachments of one kind/],
];

for (const [attachments, why] of manifests) {
  test(`a manifest with the attachments ${JSON.stringify(attachments).slice(0, 60)} is refused`, () => {
    const record = {
      schema: 1,
      id: digest,
      layers: [digest],
      virtualSize: 1 << 20,
      createdAt: '2026-01-01T00:00:00Z',
      seeded: false,
      firmware: [],
      provenance: { kilnVersion: '1', made: 'test' },
      attachments,
    };
    const text = JSON.stringify({ kind: 'kiln-image', schema: 1, record, layers: [{ digest, size: 100 }] });
    assert.throws(() => parseManifest(text, 'web.kiln'), { code: 'file-unsafe', message: why });
  });
}
