import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import type { Run } from '../../store/run.ts';

export interface PortClaim {
  readonly port: number;
  /** Lets others have the port again. A second call does nothing. */
  release(): void;
}

/**
 * Finds a TCP port between `min` and `max` (both included) that nobody listens on, and claims it. QEMU binds it
 * only later, so the claim is a file in the run's folder that every other Kiln command of the same home looks at;
 * it goes with the run, even after a crash. Programs other than Kiln may still take the port in between: whoever
 * starts QEMU must be ready to try again with another port.
 * @throws KilnError `not-found` when every port of the range is taken
 */
export async function freePort(
  min: number,
  max: number,
  address: string,
  run: Pick<Run, 'id' | 'folder'>,
): Promise<PortClaim> {
  const count = max - min + 1;
  // Commands that start together would all look at the same port first if they began at the lowest.
  const start = randomInt(count);
  for (let tried = 0; tried < count; tried++) {
    const port = min + ((start + tried) % count);
    const claim = claimPort(port, run);
    if (!claim) continue;
    if (await canListen(port, address)) return claim;
    claim.release();
  }
  throw new KilnError('not-found', `every port from ${min} to ${max} on ${address} is in use`, {
    hint: 'widen the range of ports, or end what is using them',
  });
}

/**
 * Claims by writing first and looking second: of two commands that want the same port at least one sees the
 * other's claim and goes on to another port.
 */
function claimPort(port: number, run: Pick<Run, 'id' | 'folder'>): PortClaim | undefined {
  const own = join(run.folder, portsFolder, String(port));
  mkdirSync(dirname(own), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(own, '', { flag: 'wx' });
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return undefined;
    throw error;
  }
  const claim = { port, release: () => rmSync(own, { force: true }) };
  const runs = dirname(run.folder);
  for (const other of readdirSync(runs)) {
    if (other === run.id) continue;
    if (listIfThere(join(runs, other, portsFolder)).includes(String(port))) {
      claim.release();
      return undefined;
    }
  }
  return claim;
}

const portsFolder = 'ports';

function listIfThere(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** True when a server could listen there now. @throws the system's error when the address itself is no good */
export function canListen(port: number, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (isSystemError(error, 'EADDRINUSE', 'EACCES')) resolve(false);
      else reject(error);
    });
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
