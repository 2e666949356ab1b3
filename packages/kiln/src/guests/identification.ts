import type { Duplex } from 'node:stream';
import { KilnError } from '../base/errors.ts';

/** How Kiln introduces itself, without the protocol's part. */
export const softwareName = 'Kiln';

/** The line that a client begins with (RFC 4253, section 4.2). It may be sent before the server's. */
const identification = Buffer.from(`SSH-2.0-${softwareName}\r\n`);

/**
 * Sends the client's identification ahead of the SSH library. Bytes on the way are what shows whether somebody
 * takes them: see `lookForTaken`.
 */
export function sendIdentification(stream: Duplex): void {
  stream.write(identification);
}

/**
 * Keeps the library from sending the identification, which it does with its first write, a second time.
 * @throws KilnError `internal`, from that write, when the library begins with something else
 */
export function dropIdentification(stream: Duplex): void {
  const write = stream.write.bind(stream);
  stream.write = (chunk: unknown) => {
    stream.write = write;
    if (!Buffer.isBuffer(chunk) || !chunk.equals(identification)) {
      throw new KilnError('internal', 'the SSH library does not begin with the identification it was given');
    }
    return true;
  };
}
