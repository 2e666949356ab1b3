import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { KilnError } from '../../base/errors.ts';
import { parseStanza } from './control-stanza.ts';

/** What the signed index of a suite says of itself. */
export interface ReleaseFile {
  /** SHA-256 of the file. */
  readonly digest: string;
  /** Seconds since 1970. */
  readonly date: number;
  /** Base URL of an archive of all times that has this state, where one is known. */
  readonly snapshot?: string;
}

/** Archives that keep every state, by what an index says of its origin. `@` stands for the time. */
const snapshotArchives: readonly { readonly origin: string; readonly label: string; readonly url: string }[] =
  [
    { origin: 'Debian', label: 'Debian', url: 'https://snapshot.debian.org/archive/debian/@/' },
    {
      origin: 'Debian',
      label: 'Debian-Security',
      url: 'https://snapshot.debian.org/archive/debian-security/@/',
    },
    { origin: 'Ubuntu', label: 'Ubuntu', url: 'https://snapshot.ubuntu.com/ubuntu/@/' },
  ];

/** How long after an index was made its archive of all times has it: they look some times a day. */
const snapshotDelay = 6 * 3600;

/** @throws KilnError `store-corrupt` when the file has no date */
export async function readReleaseFile(path: string): Promise<ReleaseFile> {
  const bytes = await readFile(path);
  const fields = parseStanza(signedText(bytes.toString('utf8')));
  const date = Date.parse(fields.get('date') ?? '') / 1000;
  if (!Number.isFinite(date)) {
    throw new KilnError('store-corrupt', `the index ${path} does not say when it was made`, {
      hint: 'see to it with whoever keeps that repository: its Release file has no Date',
    });
  }
  const archive = snapshotArchives.find(
    ({ origin, label }) => fields.get('origin') === origin && fields.get('label') === label,
  );
  const pattern = fields.get('snapshots')?.replace('@SNAPSHOTID@', '@') ?? archive?.url;
  return {
    digest: createHash('sha256').update(bytes).digest('hex'),
    date,
    ...(pattern?.includes('@') && { snapshot: pattern.replace('@', snapshotTime(date)) }),
  };
}

/** `20260711T161637Z` */
function snapshotTime(date: number): string {
  return new Date((date + snapshotDelay) * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** The fields of an InRelease file, without the armour around them (RFC 9580, 7); other files as they are. */
function signedText(text: string): string {
  const start = text.indexOf('-----BEGIN PGP SIGNED MESSAGE-----');
  if (start < 0) return text;
  const body = text.indexOf('\n\n', start);
  const end = text.indexOf('-----BEGIN PGP SIGNATURE-----', body);
  return text.slice(body + 2, end < 0 ? undefined : end);
}
