import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SourceLocation } from '../../../base/errors.ts';
import { fromFolder } from '../../../base/yaml/notations.ts';
import type { ScriptDownload } from '../../../plan/script-download.ts';
import type { PlanContext } from './plan-context.ts';

/** Where a script or file comes from: another host, or, for local runs, a file beside the template. */
export type FoundFile =
  | { readonly kind: 'url'; readonly download: ScriptDownload }
  | { readonly kind: 'file'; readonly path: string };

/** What a `scriptUri` or `sourceUri` means. Undefined when it is nothing; the problems say why. */
export function findFile(
  uri: string,
  checksum: string,
  at: SourceLocation,
  { folder, problems }: PlanContext,
): FoundFile | undefined {
  if (/^https?:\/\//i.test(uri)) {
    if (!URL.canParse(uri)) {
      problems.error(at, `"${uri}" is not a URL`);
      return undefined;
    }
    const digests = checksum === '' ? [] : [{ algorithm: 'sha256', hex: checksum } as const];
    return { kind: 'url', download: { url: uri, digests } };
  }
  if (/^[a-z][a-z0-9+.-]+:/i.test(uri) && !/^file:\/\//i.test(uri)) {
    problems.error(
      at,
      `"${uri}" is not a kind of address that Kiln fetches`,
      'use https://, or a path beside the template',
    );
    return undefined;
  }
  if (folder === undefined) {
    problems.error(at, `"${uri}" is no address`, 'write https://…; files of this host are not read');
    return undefined;
  }
  const path = /^file:\/\//i.test(uri) ? pathOfUrl(uri) : fromFolder(folder, uri);
  if (path === undefined || !isFile(path)) {
    problems.error(at, `there is no file "${uri}"${path === undefined ? '' : ` in ${folder}`}`);
    return undefined;
  }
  if (checksum !== '') {
    const actual = createHash('sha256').update(readFileSync(path)).digest('hex');
    if (actual !== checksum) {
      problems.error(
        at,
        `"${uri}" has the SHA-256 ${actual}, not ${checksum}`,
        'correct the checksum if the file is right',
      );
      return undefined;
    }
  }
  return { kind: 'file', path };
}

/** What cannot be a name of a file is none. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function pathOfUrl(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
