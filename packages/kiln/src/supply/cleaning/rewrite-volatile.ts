import { createHash } from 'node:crypto';
import type { Remedy } from './volatile-files.ts';

type Rewriting = Extract<Remedy, { readonly kind: 'rewrite' }>['how'];

/**
 * The content that a file has when its times are all `epoch` (seconds since 1970). Content that is not of the expected
 * kind stays as it is.
 */
export function rewriteVolatile(how: Rewriting, content: Buffer, epoch: number): Buffer {
  return how === 'shadow' ? rewriteShadow(content, epoch) : rewriteJavaKeystore(content, epoch);
}

/** The third field of shadow(5) counts days; empty means that it plays no part, and 0 that a change is due. */
function rewriteShadow(content: Buffer, epoch: number): Buffer {
  const day = String(Math.floor(epoch / 86_400));
  const lines = content
    .toString('latin1')
    .split('\n')
    .map((line) => line.replace(/^([^:]*:[^:]*:)[1-9]\d*(?=:)/, `$1${day}`));
  return Buffer.from(lines.join('\n'), 'latin1');
}

const magic = 0xfeedfeed;
const trustedCertificate = 2;
/** Debian's keystore of authorities has the password that all tools expect. */
const password = 'changeit';

/**
 * Java's own keystore format with certificates only: magic, version, count; then for each a tag, a name, milliseconds
 * since 1970, the certificate's kind and bytes; at the end SHA-1 over the password in UTF-16, a constant and all before.
 */
function rewriteJavaKeystore(content: Buffer, epoch: number): Buffer {
  if (content.length < 32 || content.readUInt32BE(0) !== magic || content.readUInt32BE(4) !== 2)
    return content;
  const end = content.length - 20;
  const body = Buffer.from(content.subarray(0, end));
  if (!digestOf(body).equals(content.subarray(end))) return content;
  let at = 12;
  for (let left = content.readUInt32BE(8); left > 0; left--) {
    if (at + 6 > end || body.readUInt32BE(at) !== trustedCertificate) return content;
    at += 4 + 2 + body.readUInt16BE(at + 4);
    body.writeBigUInt64BE(BigInt(epoch) * 1000n, at);
    at += 8;
    at += 2 + body.readUInt16BE(at);
    at += 4 + body.readUInt32BE(at);
  }
  return at === end ? Buffer.concat([body, digestOf(body)]) : content;
}

function digestOf(body: Buffer): Buffer {
  const secret = Buffer.from(password, 'utf16le').swap16();
  return createHash('sha1').update(secret).update('Mighty Aphrodite').update(body).digest();
}
