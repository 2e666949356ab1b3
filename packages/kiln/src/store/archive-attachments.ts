import { Readable } from 'node:stream';
import { KilnError } from '../base/errors.ts';
import { formatSize } from '../base/sizes.ts';
import { attachmentMember } from './archive-manifest.ts';
import type { Attachment } from './attachment.ts';
import { type PackedAttachment, unpack } from './attachments.ts';
import type { TarMember } from './plain-tar.ts';

/** Documents are small beside disks; packed ones that are larger than this are none. Bytes. */
const largestPacked = 64 << 20;

/** Takes the attachments out of a stranger's archive: those that its manifest names, with the content that it names. */
export class AttachmentMembers {
  readonly taken: PackedAttachment[] = [];
  readonly #archive: string;
  readonly #expected = new Map<string, Attachment[]>();

  constructor(archive: string) {
    this.#archive = archive;
  }

  expect(attachments: readonly Attachment[]): void {
    for (const one of attachments) {
      const name = attachmentMember(one.digest);
      this.#expected.set(name, [...(this.#expected.get(name) ?? []), one]);
    }
  }

  /** False for a member that is no attachment. @throws KilnError `file-unsafe`, `checksum-mismatch` */
  async take(member: TarMember): Promise<boolean> {
    const attachments = this.#expected.get(member.name);
    if (!attachments) return false;
    this.#expected.delete(member.name);
    if (member.size > largestPacked) {
      const why = `"${member.name}" has ${formatSize(member.size)}`;
      throw new KilnError('file-unsafe', `${this.#archive} is not a sound image archive: ${why}`, {
        hint: 'use an archive that `kiln image export` made',
      });
    }
    const parts: Buffer[] = [];
    for await (const part of member.content) parts.push(Buffer.from(part));
    const bytes = Buffer.concat(parts);
    for (const attachment of attachments) {
      const unpacked = await unpack(Readable.from([bytes]), attachment);
      if ('problem' in unpacked) {
        throw new KilnError(
          'checksum-mismatch',
          `${this.#archive} is damaged: "${member.name}": ${unpacked.problem}`,
          {
            hint: 'get the archive again from where it came',
          },
        );
      }
      this.taken.push({ attachment, bytes });
    }
    return true;
  }

  /** Names of members that have not come. */
  missing(): string[] {
    return [...this.#expected.keys()];
  }
}
