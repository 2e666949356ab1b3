import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextIfExists, temporaryName, translateFull } from '../../base/files.ts';
import { runOrFail } from '../../base/processes.ts';
import type { StoreLayout } from '../../store/home.ts';
import { cachedFile, cacheKey } from '../digest-cache.ts';
import { installStanza, parseStanza } from './control-stanza.ts';
import type { Resolution } from './resolve-packages.ts';

/*
 * What apt has to know of a package is kept beside it: `downloads/sha256-<digest>.control`.
 */

/** Keeps what the indexes say of the packages of an answer, so that their files need not be opened for it. */
export async function keepStanzas(layout: StoreLayout, { stanzas }: Resolution): Promise<void> {
  await mkdir(layout.downloads, { recursive: true, mode: 0o700 });
  await Promise.all(
    [...stanzas].map(([sha256, { stanza }]) => keepStanza(layout, sha256, installStanza(stanza))),
  );
}

/** Whole or not at all, but nothing is synced: a reader looks whether it is one, and it can be had again. */
async function keepStanza(layout: StoreLayout, sha256: string, text: string): Promise<void> {
  const path = stanzaPath(layout, sha256);
  if ((await readTextIfExists(path)) === text) return;
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw translateFull(error, path);
  }
}

/**
 * What apt has to know of a package: what was kept of the index, or else what its own control file says.
 * @throws KilnError `tool-failed` when the file is no package
 */
export async function readStanza(layout: StoreLayout, sha256: string, signal: AbortSignal): Promise<string> {
  const path = stanzaPath(layout, sha256);
  const known = await readTextIfExists(path);
  if (known?.startsWith('Package: ')) return known;
  const { stdout } = await runOrFail('dpkg-deb', ['--field', cachedFile(layout, sha256)], { signal });
  const text = installStanza(parseStanza(stdout));
  await keepStanza(layout, sha256, text);
  return text;
}

function stanzaPath(layout: StoreLayout, sha256: string): string {
  return join(layout.downloads, `${cacheKey(sha256)}.control`);
}
