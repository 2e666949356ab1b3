import type { FileHandle } from 'node:fs/promises';

/** A disk image contradicts its format or cannot be read to the end. The message names no file. */
export class DiskImageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DiskImageError';
  }
}

/** Exactly `length` bytes from `position`. @throws DiskImageError when the file ends before */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new DiskImageError(`the file ends before byte ${position + length}`);
    done += bytesRead;
  }
  return bytes;
}

export function hasMagic(bytes: Uint8Array, magic: string, at = 0): boolean {
  if (bytes.length < at + magic.length) return false;
  for (let index = 0; index < magic.length; index++)
    if (bytes[at + index] !== magic.charCodeAt(index)) return false;
  return true;
}

/** Bytes as text, one character a byte. */
export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** A 64-bit number that must be exact as a JavaScript one. @throws DiskImageError when it is larger */
export function safeNumber(value: bigint, what: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new DiskImageError(`${what} is impossibly large (${value})`);
  return Number(value);
}
