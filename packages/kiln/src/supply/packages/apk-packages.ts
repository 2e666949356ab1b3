import { readText } from '../system/read-text.ts';
import type { SystemFiles } from '../system/system-files.ts';
import type { InstalledPackage, PackagedDigest } from './installed-package.ts';

export const apkDatabaseFiles = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'] as const;

/** One package of apk's database, with the digests of its files by path. */
export interface ApkPackage extends InstalledPackage {
  readonly digests: ReadonlyMap<string, PackagedDigest>;
}

/** The packages of a system with apk, in the order of their names, or none where there is no apk. */
export async function readApkPackages(files: SystemFiles): Promise<ApkPackage[]> {
  for (const path of apkDatabaseFiles) {
    const text = await readText(files, path, 'latin1');
    if (text !== undefined) return parseApkInstalled(text);
  }
  return [];
}

/**
 * Format: apk-tools' installed database, a letter, a colon and a value a line, with an empty line behind each package;
 * `F:` names a folder and `R:` a file in it, `Z:` the file's digest.
 * @param text one character a byte
 */
export function parseApkInstalled(text: string): ApkPackage[] {
  const packages = text
    .split('\n\n')
    .map((block) => parsePackage(block))
    .filter((one) => one !== undefined);
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function parsePackage(block: string): ApkPackage | undefined {
  const fields = new Map<string, string>();
  const files: string[] = [];
  const digests = new Map<string, PackagedDigest>();
  let folder = '';
  for (const line of block.split('\n')) {
    const [key, value] = [line.slice(0, 1), line.slice(2)];
    if (line[1] !== ':') continue;
    if (key === 'F') folder = value === '' ? '' : `${value}/`;
    else if (key === 'R') files.push(`${folder}${value}`);
    else if (key === 'Z') addDigest(digests, files.at(-1), value);
    else if (key !== 'a' && key !== 'M') fields.set(key, Buffer.from(value, 'latin1').toString('utf8'));
  }
  const [name, version] = [fields.get('P'), fields.get('V')];
  if (!name || !version) return undefined;
  const license = fields.get('L');
  return {
    manager: 'apk',
    name,
    version,
    architecture: fields.get('A') ?? 'noarch',
    source: { name: fields.get('o') ?? name, version },
    ...optional('maintainer', fields.get('m')),
    ...optional('homepage', fields.get('U')),
    ...optional('summary', fields.get('T')),
    licenses: license ? [license] : [],
    // What starts with an exclamation mark must not be there.
    depends: words(fields.get('D'))
      .filter((word) => !word.startsWith('!'))
      .map((word) => [withoutVersion(word)]),
    provides: words(fields.get('p')).map(withoutVersion),
    files,
    digests,
  };
}

/** `Q1` and the base64 of a SHA-1, or `Q2` and that of a SHA-256. */
function addDigest(digests: Map<string, PackagedDigest>, path: string | undefined, value: string): void {
  const algorithm = { Q1: 'sha1', Q2: 'sha256' }[value.slice(0, 2)] as
    | PackagedDigest['algorithm']
    | undefined;
  if (path === undefined || !algorithm) return;
  digests.set(path, { algorithm, digest: Buffer.from(value.slice(2), 'base64').toString('hex') });
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(' ').filter((word) => word !== '');
}

function withoutVersion(word: string): string {
  return word.split(/[<>=~@]/, 1)[0]!;
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value ? ({ [key]: value } as { readonly [P in K]: string }) : {};
}
