/** Sections of a WebAssembly module by number: https://webassembly.github.io/spec/core/binary/modules.html */
export const SectionId = { custom: 0, memory: 5, data: 11, dataCount: 12 } as const;

export interface WasmSection {
  readonly id: number;
  readonly content: Buffer;
}

const headerSize = 8;

/** The sections of a module in their order. */
export function readSections(module: Buffer): WasmSection[] {
  const sections: WasmSection[] = [];
  for (let at = headerSize; at < module.length; ) {
    const id = module[at]!;
    const [size, start] = readUnsigned(module, at + 1);
    sections.push({ id, content: module.subarray(start, start + size) });
    at = start + size;
  }
  return sections;
}

export function writeSections(sections: readonly WasmSection[]): Buffer {
  const header = Buffer.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const parts = sections.flatMap(({ id, content }) => [Buffer.from([id]), unsigned(content.length), content]);
  return Buffer.concat([header, ...parts]);
}

/** An unsigned number in LEB128. */
export function unsigned(value: number): Buffer {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low | 128 : low);
  } while (value > 0);
  return Buffer.from(bytes);
}

function readUnsigned(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}
