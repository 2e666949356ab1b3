import { DiskImageError } from '../read.ts';
import { viewOf } from '../read-bytes.ts';

const magic = 0xfd2fb528;

/**
 * Length of the Zstandard frame that `bytes` starts with (RFC 8878, section 3.1.1). What follows a compressed cluster
 * in a qcow2 file is the next one, which a decoder would take for another frame.
 * @throws DiskImageError when it is no frame or cut off
 */
export function zstdFrameLength(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  if (bytes.length < 6 || view.getUint32(0, true) !== magic)
    throw new DiskImageError('a compressed cluster does not start like Zstandard data');
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const dictionaryIdSize = [0, 1, 2, 4][descriptor & 3]!;
  const contentSizeSize = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  let at = 5 + (isSingleSegment ? 0 : 1) + dictionaryIdSize + contentSizeSize;
  for (let isLast = false; !isLast; ) {
    if (at + 3 > bytes.length) throw cutOff();
    const head = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    isLast = (head & 1) !== 0;
    const isRunLength = ((head >> 1) & 3) === 1;
    at += 3 + (isRunLength ? 1 : head >> 3);
  }
  if (hasChecksum) at += 4;
  if (at > bytes.length) throw cutOff();
  return at;
}

function cutOff(): DiskImageError {
  return new DiskImageError('a compressed cluster is cut off');
}
