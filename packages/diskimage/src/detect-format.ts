import { open } from 'node:fs/promises';
import { hasMagic, readAt, text } from './read.ts';

/**
 * What a file's bytes say it is; its name counts for nothing. `vpc` is QEMU's word for VHD, `qcow` the
 * long outdated first version of qcow2. Everything without a mark of its own is `raw`.
 */
export type DetectedFormat = 'raw' | 'qcow' | 'qcow2' | 'qed' | 'vmdk' | 'vpc' | 'vhdx' | 'vdi' | 'iso';

/** As many bytes from a file's start as `detectFormatOf` looks at. */
export const headLength = 33 * 1024;
/** As many from its end. */
export const tailLength = 512;

/** Reads a file's first and last bytes and tells its format. */
export async function detectFormat(path: string): Promise<DetectedFormat> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = await readAt(file, 0, Math.min(size, headLength));
    const tail = await readAt(file, Math.max(0, size - tailLength), Math.min(size, tailLength));
    return detectFormatOf(head, tail);
  } finally {
    await file.close();
  }
}

/** Tells the format from the first `headLength` and the last `tailLength` bytes (fewer of a smaller file). */
export function detectFormatOf(head: Uint8Array, tail: Uint8Array): DetectedFormat {
  if (hasMagic(head, 'QFI\xfb')) return head[7] === 1 ? 'qcow' : 'qcow2';
  if (hasMagic(head, 'QED\0')) return 'qed';
  if (hasMagic(head, 'KDMV') || hasMagic(head, 'COWD') || isVmdkDescriptor(head)) return 'vmdk';
  if (hasMagic(head, 'vhdxfile')) return 'vhdx';
  // The signature behind the free text that names the program (VirtualBox's VDICore.h).
  if (hasMagic(head, '\x7f\x10\xda\xbe', 0x40)) return 'vdi';
  // A dynamic VHD has a copy of its footer at the start; a fixed one is raw data with the footer alone.
  if (hasMagic(head, 'conectix') || hasMagic(tail, 'conectix')) return 'vpc';
  // Primary volume descriptor in sector 16 (ECMA-119, 8.4).
  if (hasMagic(head, 'CD001', 16 * 2048 + 1)) return 'iso';
  return 'raw';
}

/** A text file whose first line, after comments and empty lines, is a descriptor's. QEMU is as generous. */
function isVmdkDescriptor(head: Uint8Array): boolean {
  if (head[0] === undefined || head[0] >= 0x80) return false;
  const start = text(head.subarray(0, 2048));
  if (/^\s*#\s*disk\s+descriptorfile/i.test(start)) return true;
  const first = start.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#'));
  return first !== undefined && /^version\s*=\s*[123]\s*$/.test(first);
}
