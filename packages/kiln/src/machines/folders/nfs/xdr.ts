/** Reads External Data Representation (RFC 4506). @throws RangeError when there is less than was asked for */
export class XdrReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  u32(): number {
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  u64(): bigint {
    const value = this.#bytes.readBigUInt64BE(this.#at);
    this.#at += 8;
    return value;
  }

  bool(): boolean {
    return this.u32() !== 0;
  }

  fixed(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('the message ends early');
    const value = this.#bytes.subarray(this.#at, end);
    this.#at = end + ((4 - (length % 4)) % 4);
    return value;
  }

  opaque(most = 1 << 20): Buffer {
    const length = this.u32();
    if (length > most) throw new RangeError('a field of the message is too long');
    return this.fixed(length);
  }

  text(most = 4096): string {
    return this.opaque(most).toString('utf8');
  }
}

/** Writes External Data Representation. */
export class XdrWriter {
  #bytes = Buffer.allocUnsafe(512);
  #at = 0;

  u32(value: number): this {
    this.#room(4);
    this.#bytes.writeUInt32BE(value >>> 0, this.#at);
    this.#at += 4;
    return this;
  }

  u64(value: bigint): this {
    this.#room(8);
    this.#bytes.writeBigUInt64BE(BigInt.asUintN(64, value), this.#at);
    this.#at += 8;
    return this;
  }

  bool(value: boolean): this {
    return this.u32(value ? 1 : 0);
  }

  fixed(value: Uint8Array): this {
    const padding = (4 - (value.length % 4)) % 4;
    this.#room(value.length + padding);
    this.#bytes.set(value, this.#at);
    this.#bytes.fill(0, this.#at + value.length, this.#at + value.length + padding);
    this.#at += value.length + padding;
    return this;
  }

  opaque(value: Uint8Array): this {
    return this.u32(value.length).fixed(value);
  }

  text(value: string): this {
    return this.opaque(Buffer.from(value));
  }

  get length(): number {
    return this.#at;
  }

  /** Goes back to an earlier length. */
  truncate(length: number): void {
    this.#at = length;
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #room(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + more));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
