import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { writeFileAtomically } from '../../base/files.ts';
import { withLock } from '../../base/locks.ts';
import { type CertifiedKey, makeAuthority, makeServerCertificate } from './certificate.ts';

/** How the service shows that it is itself. */
export interface ServerIdentity {
  /** PEM. */
  readonly key: string;
  /** PEM: the service's certificate and that of its authority. */
  readonly cert: string;
  /** PEM of the authority, for clients. */
  readonly authority: string;
  /** Where clients find that. */
  readonly authorityFile: string;
}

const day = 24 * 3600 * 1000;

/**
 * The certificate of a service that has none of its own: signed by an authority that is made once and kept in
 * `folder` (`ca.pem`, and keys that only their owner may read). It names this host and `names`, and is made anew when it
 * does not, or when its end is near.
 */
export async function localIdentity(
  folder: string,
  names: readonly string[],
  now: Date,
): Promise<ServerIdentity> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return withLock(join(folder, '.lock'), { what: folder, wait: 30_000 }, async () => {
    const authorityFile = join(folder, 'ca.pem');
    const notBefore = new Date(now.getTime() - day);
    let authority = await readPair(folder, 'ca');
    if (!authority) {
      const name = `Kiln on ${plainName(hostname())} ${randomBytes(4).toString('hex')}`;
      authority = makeAuthority({ name, notBefore, notAfter: new Date(now.getTime() + 3650 * day) });
      await writePair(folder, 'ca', authority);
    }
    const issuer = new X509Certificate(authority.cert);
    const wanted = [...new Set([...ownNames(), ...names])];
    let server = await readPair(folder, 'server');
    if (!server || !isFit(new X509Certificate(server.cert), issuer, wanted, now)) {
      server = makeServerCertificate(
        // Longer ones are refused by some systems.
        { name: wanted[0]!, names: wanted, notBefore, notAfter: new Date(now.getTime() + 397 * day) },
        { ...authority, name: issuer.subject.replace(/^CN=/, '') },
      );
      await writePair(folder, 'server', server);
    }
    return {
      key: server.key,
      cert: `${server.cert}${authority.cert}`,
      authority: authority.cert,
      authorityFile,
    };
  });
}

function isFit(
  certificate: X509Certificate,
  issuer: X509Certificate,
  names: readonly string[],
  now: Date,
): boolean {
  if (new Date(certificate.validTo).getTime() - now.getTime() < 30 * day) return false;
  if (!certificate.verify(issuer.publicKey)) return false;
  return names.every((name) =>
    isAddress(name) ? certificate.checkIP(name) : certificate.checkHost(name, { subject: 'never' }),
  );
}

/** Names and addresses by which this host is reached. */
function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
  return ['localhost', plainName(hostname()), '127.0.0.1', '::1', ...addresses];
}

function plainName(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
  return plain === '' ? 'localhost' : plain;
}

function isAddress(name: string): boolean {
  return name.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(name);
}

async function readPair(folder: string, name: string): Promise<CertifiedKey | undefined> {
  try {
    const [cert, key] = await Promise.all([
      readFile(join(folder, `${name}.pem`), 'utf8'),
      readFile(join(folder, `${name}-key.pem`), 'utf8'),
    ]);
    return { cert, key };
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The key first: a certificate without its key would be taken for a whole pair. */
async function writePair(folder: string, name: string, { cert, key }: CertifiedKey): Promise<void> {
  await writeFileAtomically(join(folder, `${name}-key.pem`), key, 0o600);
  await writeFileAtomically(join(folder, `${name}.pem`), cert, 0o644);
}
