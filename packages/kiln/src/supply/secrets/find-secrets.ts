import { hash } from 'node:crypto';
import type { PackagedDigest } from '../packages/installed-package.ts';
import { readPackagedFiles } from '../packages/packaged-files.ts';
import { readPackagedDigests } from '../packages/read-packages.ts';
import { pathText } from '../system/path-names.ts';
import { pathMatcher } from '../system/path-patterns.ts';
import type { SystemEntry, SystemFiles } from '../system/system-files.ts';
import { type FoundInText, lineAt, type TextCheck } from './found-in-text.ts';
import { checksFor } from './known-files.ts';
import { findPrivateKeys, privateKeyMarks } from './private-keys.ts';
import type { SecretFinding, SecretScanOptions } from './secret-finding.ts';
import { findTokens } from './tokens.ts';

/** Of larger files only the start is read: secrets of people are in small files. Bytes. */
const readWhole = 1 << 20;
const readOfLarge = 64 << 10;

/** A file with more secrets than that is a file of secrets: the rest would only be noise. */
const mostOfOneFile = 20;

/**
 * Looks for what must not be published in a system. Files that are as their package brought them are published
 * already, and so they are left out: by their time where nothing is found out otherwise, by their digest where something
 * was found in one.
 */
export async function findSecrets(
  files: SystemFiles,
  { allow }: SecretScanOptions,
): Promise<SecretFinding[]> {
  const isAllowed = pathMatcher(allow, 'path-or-below');
  const packaged = await readPackagedFiles(files);
  const findings: SecretFinding[] = [];
  let digests: ReadonlyMap<string, PackagedDigest> | undefined;
  for (const [path, entry] of files.entries) {
    if (entry.kind !== 'file' || entry.size === 0 || isAllowed(path) || isCompiled(files, path)) continue;
    const checks = checksFor(path);
    const installed = packaged.get(path);
    if (checks.length === 0 && installed !== undefined && entry.mtime < installed) continue;
    const content = await files.read(path, entry.size <= readWhole ? readWhole : readOfLarge);
    const found = examine(path, content, checks);
    if (found.length === 0) continue;
    digests ??= await readPackagedDigests(files);
    if (await isAsPackaged(files, path, entry, content, digests.get(path))) continue;
    findings.push(...found.slice(0, mostOfOneFile));
  }
  return findings;
}

/** What Python makes of a program that is there: whatever is in it is in the program. */
function isCompiled(files: SystemFiles, path: string): boolean {
  const match = /^(.*)__pycache__\/([^/]+?)\.[^/]*\.pyc$/.exec(path);
  return match !== null && files.entries.has(`${match[1]}${match[2]}.py`);
}

function examine(path: string, content: Uint8Array, checks: readonly TextCheck[]): SecretFinding[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  let found: FoundInText[] = [];
  if (checks.length > 0 || !isPacked(bytes)) {
    const text = bytes.toString('latin1');
    found = checks.flatMap((check) => check(text));
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (!name.endsWith('.pub')) {
      if (privateKeyMarks.some((mark) => bytes.includes(mark))) found.push(...findPrivateKeys(text));
      found.push(...findTokens(text));
    }
    return tidy(found, path, text);
  }
  return [];
}

/** One finding a line: the first check knows the file best. A file that is a secret as a whole needs no lines. */
function tidy(found: readonly FoundInText[], path: string, text: string): SecretFinding[] {
  const whole = found.find(({ at }) => at === undefined);
  const base = { path: `/${pathText(path)}` };
  if (whole) return [{ ...base, kind: whole.kind, what: whole.what }];
  const byLine = new Map<number, SecretFinding>();
  for (const { kind, what, at } of found) {
    const line = lineAt(text, at!);
    if (!byLine.has(line)) byLine.set(line, { ...base, kind, what, line });
  }
  return [...byLine.values()].sort((a, b) => a.line! - b.line!);
}

/** Programs, and files that are compressed: nothing can be told of their content. */
function isPacked(bytes: Buffer): boolean {
  if (bytes.length < 4) return false;
  const head = bytes.readUInt32BE(0);
  return packedHeads.has(head) || packedHeads.has(head >>> 16);
}

/** ELF, xz, zstd, PNG, zip, qcow2; gzip and bzip2 by two bytes. */
const packedHeads = new Set([
  0x7f454c46, 0xfd377a58, 0x28b52ffd, 0x89504e47, 0x504b0304, 0x514649fb, 0x1f8b, 0x425a,
]);

async function isAsPackaged(
  files: SystemFiles,
  path: string,
  entry: SystemEntry & { readonly kind: 'file' },
  head: Uint8Array,
  packaged: PackagedDigest | undefined,
): Promise<boolean> {
  if (!packaged) return false;
  const content = head.length === entry.size ? head : await files.read(path);
  return hash(packaged.algorithm, content) === packaged.digest;
}
