import { DiskImageError } from '../../read.ts';
import { viewOf } from '../../read-bytes.ts';
import { journalMagic } from '../ext4-format.ts';
import { mapBlock } from './block-map.ts';
import type { BlockSource, ReplacedBlock } from './block-source.ts';
import type { Inode } from './inode-decode.ts';

/** Types of the journal's own blocks, and what its features mean (the kernel's include/linux/jbd2.h). */
const types = { descriptor: 1, commit: 2, revoke: 5 } as const;
const features = { revoke: 1, bit64: 2, checksum2: 8, checksum3: 16 } as const;
const tagFlags = { escaped: 1, sameUuid: 2, last: 8 } as const;

/**
 * What a journal would write into its filesystem if that was mounted: for each block where its newest content is, of
 * all transactions that were finished. Nothing is written.
 * @throws DiskImageError when the journal contradicts itself
 */
export async function replayJournal(
  source: BlockSource,
  inode: Inode,
): Promise<ReadonlyMap<number, ReplacedBlock>> {
  const journal = new Journal(source, inode);
  await journal.open();
  return journal.replay();
}

interface Tag {
  readonly target: number;
  /** In the journal. */
  readonly block: number;
  readonly isEscaped: boolean;
}

interface Transaction {
  readonly sequence: number;
  readonly tags: readonly Tag[];
  readonly revoked: readonly number[];
}

class Journal {
  readonly #source: BlockSource;
  readonly #inode: Inode;
  #length = 0;
  #first = 0;
  #start = 0;
  #sequence = 0;
  #features = 0;

  constructor(source: BlockSource, inode: Inode) {
    this.#source = source;
    this.#inode = inode;
  }

  async open(): Promise<void> {
    const view = viewOf(await this.#read(0));
    const type = view.getUint32(4);
    this.#length = view.getUint32(16);
    this.#first = view.getUint32(20);
    this.#sequence = view.getUint32(24);
    this.#start = view.getUint32(28);
    this.#features = type === 4 ? view.getUint32(40) : 0;
    const room = Math.floor(this.#inode.size / this.#source.blockSize);
    const isSane =
      view.getUint32(0) === journalMagic &&
      (type === 3 || type === 4) &&
      view.getUint32(12) === this.#source.blockSize &&
      this.#length <= room &&
      this.#first >= 1 &&
      this.#first < this.#length &&
      (this.#start === 0 || (this.#start >= this.#first && this.#start < this.#length));
    if (!isSane) throw new DiskImageError('the journal is damaged');
  }

  async replay(): Promise<ReadonlyMap<number, ReplacedBlock>> {
    const transactions = this.#start === 0 ? [] : await this.#transactions();
    /** The last transaction that says a block must not be taken from it or an earlier one. */
    const revoked = new Map<number, number>();
    for (const [order, { revoked: blocks }] of transactions.entries())
      for (const block of blocks) revoked.set(block, order);
    const replaced = new Map<number, ReplacedBlock>();
    for (const [order, { tags }] of transactions.entries())
      for (const { target, block, isEscaped } of tags)
        if (order > (revoked.get(target) ?? -1))
          replaced.set(target, { block: await this.#physical(block), isEscaped });
    return replaced;
  }

  /** All transactions that have an end. */
  async #transactions(): Promise<Transaction[]> {
    const found: Transaction[] = [];
    let at = this.#start;
    let tags: Tag[] = [];
    let revoked: number[] = [];
    // Once around and no further, however the blocks hang together.
    for (let steps = 0; steps < this.#length; ) {
      const block = await this.#read(at);
      const view = viewOf(block);
      const sequence = (this.#sequence + found.length) >>> 0;
      if (view.getUint32(0) !== journalMagic || view.getUint32(8) !== sequence) break;
      const type = view.getUint32(4);
      let used = 1;
      if (type === types.descriptor) {
        const own = this.#tags(block, at);
        tags.push(...own);
        used += own.length;
      } else if (type === types.revoke) revoked.push(...this.#revoked(block));
      else if (type === types.commit) {
        found.push({ sequence, tags, revoked });
        tags = [];
        revoked = [];
      } else break;
      for (let step = 0; step < used; step++) at = this.#after(at);
      steps += used;
    }
    return found;
  }

  #tags(block: Uint8Array, at: number): Tag[] {
    const view = viewOf(block);
    const hasChecksum3 = (this.#features & features.checksum3) !== 0;
    const hasChecksums = (this.#features & (features.checksum2 | features.checksum3)) !== 0;
    const has64Bits = (this.#features & features.bit64) !== 0;
    // A checksum ends the block when tags have them too.
    const end = block.length - (hasChecksums ? 4 : 0);
    const size = hasChecksum3
      ? 16
      : (has64Bits ? 12 : 8) + ((this.#features & features.checksum2) !== 0 ? 2 : 0);
    const tags: Tag[] = [];
    let data = at;
    for (let position = 12; position + size <= end; ) {
      const flags = hasChecksum3 ? view.getUint32(position + 4) : view.getUint16(position + 6);
      const high = has64Bits ? view.getUint32(position + 8) : 0;
      data = this.#after(data);
      const target = view.getUint32(position) + high * 2 ** 32;
      this.#source.check(target, 1);
      tags.push({ target, block: data, isEscaped: (flags & tagFlags.escaped) !== 0 });
      if (flags & tagFlags.last) break;
      position += size + (flags & tagFlags.sameUuid ? 0 : 16);
    }
    return tags;
  }

  #revoked(block: Uint8Array): number[] {
    const view = viewOf(block);
    const has64Bits = (this.#features & features.bit64) !== 0;
    const size = has64Bits ? 8 : 4;
    const end = Math.min(view.getUint32(12), block.length);
    const blocks: number[] = [];
    for (let at = 16; at + size <= end; at += size)
      blocks.push(has64Bits ? Number(view.getBigUint64(at)) : view.getUint32(at));
    return blocks;
  }

  #after(block: number): number {
    return block + 1 < this.#length ? block + 1 : this.#first;
  }

  async #read(block: number): Promise<Uint8Array> {
    return this.#source.read(await this.#physical(block));
  }

  async #physical(block: number): Promise<number> {
    const { physical } = await mapBlock(this.#source, this.#inode, block);
    if (physical === undefined) throw new DiskImageError('the journal has a hole');
    return physical;
  }
}
