import { createHash } from 'node:crypto';
import { KilnError } from '../../base/errors.ts';
import { deriveGuid } from '../../sources/bootstrap/derive-guid.ts';
import { guestFiles, loginUser } from '../../sources/bootstrap/guest-files.ts';
import { findRelease, type Release } from '../../sources/bootstrap/release.ts';
import type { InventoryOs } from './inventory.ts';
import type { SurveyEntry } from './survey.ts';

/** What Kiln itself puts into the systems that it installs: it is in every one of them, and tells nothing of one. */
export interface KilnSystem {
  /** Whether a file is one of Kiln's, and unchanged. */
  owns(entry: SurveyEntry): boolean;
  /** Name of the user, with a group of that name, that people log in as. */
  readonly user: string;
  /** The unit that gives a machine its identity. */
  readonly unit: string;
}

/** The release that Kiln would install for a system; undefined for those that it does not know. */
export function knownRelease({ id, version, codename }: InventoryOs): Release | undefined {
  const name = version ?? codename;
  if (name === undefined || (id !== 'debian' && id !== 'ubuntu')) return undefined;
  try {
    return findRelease(id, name);
  } catch (error) {
    if (error instanceof KilnError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** Undefined for a system that was not installed by Kiln. */
export function kilnSystem(
  os: InventoryOs,
  entries: ReadonlyMap<string, SurveyEntry>,
): KilnSystem | undefined {
  const release = knownRelease(os);
  if (!release) return undefined;
  const digests = new Map(
    guestFiles(release, deriveGuid(release, 'root')).map(({ path, content }) => [
      path,
      createHash('sha256').update(content).digest('hex'),
    ]),
  );
  const owns = (entry: SurveyEntry) => entry.sha256 !== undefined && digests.get(entry.path) === entry.sha256;
  const mark = entries.get('/etc/systemd/system/kiln-identity.service');
  return mark && owns(mark) ? { owns, user: loginUser, unit: 'kiln-identity.service' } : undefined;
}
