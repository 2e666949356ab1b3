import { writeFileAtomically } from '../../base/files.ts';
import type { ResolvedPackage, ResolvedRepository } from '../../sources/packages/resolved-packages.ts';
import type { LockedProfile, LockFile } from './lock.ts';
import { sealOf } from './seal.ts';

/** Writes the file anew, whole or not at all. @throws KilnError `disk-full` */
export async function writeLock(path: string, lock: LockFile): Promise<void> {
  await writeFileAtomically(path, lockText(lock));
}

/** The text of a lock: YAML with one package a line, the same for the same content. */
export function lockText({ profiles }: LockFile): string {
  const lines = [
    '# What the profiles of this folder were resolved to. Written by Kiln: `kiln profile lock` makes it again,',
    '# `kiln profile lock --update` moves it to what is newest. Belongs into version control.',
    'schema: 1',
    'profiles:',
  ];
  for (const [name, locked] of [...profiles].sort(([a], [b]) => (a < b ? -1 : 1)))
    lines.push(`  ${word(name)}:`, ...sectionLines(locked).map((line) => `    ${line}`));
  return `${lines.join('\n')}\n`;
}

function sectionLines(locked: LockedProfile): string[] {
  const { os, asked, resolved, fetched } = locked;
  const { packages, digest } = sealOf(locked);
  const layer = (wanted: ResolvedPackage['layer']) =>
    resolved.packages.filter((one) => one.layer === wanted).map(packageWords);
  return [
    `os: ${os.distribution}/${os.release}`,
    `architecture: ${resolved.architecture}`,
    `time: ${isoTime(resolved.epoch)}`,
    'asked:',
    ...listLines('packages', asked.packages),
    `  recommends: ${asked.recommends}`,
    ...listLines('base', asked.base),
    ...listLines('repositories', asked.repositories),
    'repositories:',
    ...resolved.repositories.flatMap(repositoryLines),
    'packages:',
    ...listLines('os', layer('os')),
    ...listLines('profile', layer('profile')),
    `removed: ${flowList(resolved.removed)}`,
    ...(fetched.length === 0
      ? ['fetched: []']
      : ['fetched:', ...fetched.map(({ url, sha256 }) => `  - ${word(`${sha256} ${url}`)}`)]),
    `seal: ${packages} packages, sha256 ${digest}`,
  ];
}

function repositoryLines(repository: ResolvedRepository): string[] {
  const { name, url, suite, components, indexDigest, indexDate, snapshot } = repository;
  return [
    `  ${word(name)}:`,
    `    url: ${word(url)}`,
    `    suite: ${word(suite)}`,
    `    components: ${flowList(components)}`,
    `    date: ${isoTime(indexDate)}`,
    `    index: ${indexDigest}`,
    ...(snapshot === undefined ? [] : [`    snapshot: ${word(snapshot)}`]),
  ];
}

/** Words that have no white space in them, in the order that `read-lock.ts` takes them. */
function packageWords(one: ResolvedPackage): string {
  const { name, version, architecture, size, sha256, repository, path, automatic } = one;
  const words = [name, version, architecture, size, sha256, repository, path.replace(/[\s%]/g, escapeOne)];
  return [...words, ...(automatic ? ['auto'] : [])].join(' ');
}

function escapeOne(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function listLines(name: string, items: readonly string[]): string[] {
  if (items.length === 0) return [`  ${name}: []`];
  return [`  ${name}:`, ...items.map((item) => `    - ${word(item)}`)];
}

function flowList(items: readonly string[]): string {
  return `[${items.map((item) => word(item)).join(', ')}]`;
}

/** Text that YAML would take for something else stands in quotation marks. */
function word(text: string): string {
  const plain = /^[A-Za-z/][\w./+:~=@%()-]*(?: [\w./+:~=@%()-]+)*$/.test(text) && !/: |:$/.test(text);
  return plain && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text);
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
