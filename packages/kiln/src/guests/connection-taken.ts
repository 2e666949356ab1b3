import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isSystemError } from '../base/errors.ts';

/**
 * Tells which opened connections, on which something was sent, have a server at their end. Elsewhere a connection
 * is only there when it has. But on this host a port forwarder, such as QEMU's user network, accepts before it has
 * reached anything, and then leaves the bytes it is sent unread: Linux tells that of every connection between two
 * local sockets.
 * @returns a function that knows the state of this moment
 */
export async function lookForTaken(): Promise<(stream: Duplex) => boolean> {
  const unread = await unreadBytes();
  return (stream) => {
    if (!(stream instanceof Socket)) return true;
    const { localPort, remotePort, remoteAddress } = stream;
    if (!remoteAddress || !localPort || !remotePort || !isLoopback(remoteAddress)) return true;
    return (unread.get(`${remotePort}-${localPort}`) ?? 0) === 0;
  };
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

/**
 * Bytes in the receive queues of this host's TCP sockets that have any, by `local port-remote port` (proc(5),
 * /proc/net/tcp). Empty where the system does not tell.
 */
async function unreadBytes(): Promise<ReadonlyMap<string, number>> {
  const queues = new Map<string, number>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let text: string;
    try {
      text = await readFile(table, 'latin1');
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'EACCES')) continue;
      throw error;
    }
    const line = /: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]{2} [0-9A-F]{8}:([0-9A-F]{8})/g;
    for (const [, local, remote, queued] of text.matchAll(line)) {
      const bytes = Number.parseInt(queued!, 16);
      if (bytes > 0) queues.set(`${Number.parseInt(local!, 16)}-${Number.parseInt(remote!, 16)}`, bytes);
    }
  }
  return queues;
}
