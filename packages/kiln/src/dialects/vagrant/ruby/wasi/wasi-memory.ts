import type { WasmMemory } from '../web-assembly.ts';

/** Reads and writes the program's memory, little-endian as WebAssembly has it. */
export class WasiMemory {
  #memory: WasmMemory | undefined;
  #view = new DataView(new ArrayBuffer(0));
  #bytes = Buffer.alloc(0);

  attach(memory: WasmMemory): void {
    this.#memory = memory;
  }

  get view(): DataView {
    this.#refresh();
    return this.#view;
  }

  get bytes(): Buffer {
    this.#refresh();
    return this.#bytes;
  }

  text(pointer: number, length: number): string {
    return this.bytes.toString('utf8', pointer >>> 0, (pointer >>> 0) + length);
  }

  u8(pointer: number, value: number): void {
    this.view.setUint8(pointer >>> 0, value);
  }

  u16(pointer: number, value: number): void {
    this.view.setUint16(pointer >>> 0, value, true);
  }

  u32(pointer: number, value: number): void {
    this.view.setUint32(pointer >>> 0, value, true);
  }

  u64(pointer: number, value: bigint): void {
    this.view.setBigUint64(pointer >>> 0, value, true);
  }

  /** The buffers that a vector of `(pointer, length)` names. */
  vector(pointer: number, count: number): Buffer[] {
    const { bytes, view } = this;
    return Array.from({ length: count }, (_, index) => {
      const at = (pointer >>> 0) + index * 8;
      const start = view.getUint32(at, true);
      return bytes.subarray(start, start + view.getUint32(at + 4, true));
    });
  }

  /** The memory moves when it grows. */
  #refresh(): void {
    const buffer = this.#memory!.buffer;
    if (this.#view.buffer === buffer) return;
    this.#view = new DataView(buffer);
    this.#bytes = Buffer.from(buffer);
  }
}
