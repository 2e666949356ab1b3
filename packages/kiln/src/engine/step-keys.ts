import { createHmac } from 'node:crypto';
import { resolve } from 'node:path';
import { canonicalHash, canonicalJson } from '../plan/canonical.ts';
import type { QemuSource } from '../plan/qemu-source.ts';
import { withoutFolder, withoutFolders } from '../plan/relative-paths.ts';
import type { Step } from '../plan/step.ts';
import { canBeRead, digestTree } from './digest-tree.ts';
import { filesOfSource, filesOfStep } from './local-files.ts';

/**
 * What a state of a machine is made of: a hash for every part that a person would name, such as a field of a step or
 * a file that it reads. Two states with the same parts, after the same state, are the same.
 */
export type Parts = Readonly<Record<string, string>>;

/** To be raised whenever the same parts would build something else than before. */
const keyScheme = '1';

/** Key of the state that `parts` lead to from the state before; the first one has nothing before it. */
export function stateKey(before: string | undefined, parts: Parts): string {
  return canonicalHash({ keyScheme, before, parts });
}

/** How values enter parts. */
export interface PartRules {
  /** The plan's folder: a project that is moved builds the same. */
  readonly folder: string;
  readonly secrets: readonly string[];
  /** Of this store alone: keys tell nobody outside of it anything about a secret. */
  readonly secretKey: string;
}

/** Parts of a machine that is up for the first time: everything a guest could notice. */
export async function machineParts(
  source: QemuSource,
  images: { readonly base: string; readonly installer?: string },
  machine: Readonly<Record<string, string>>,
  rules: PartRules,
): Promise<Parts> {
  const {
    disk: _disk,
    installer: _installer,
    communicator,
    result,
    shutdown: _shutdown,
    hardware,
    ...rest
  } = source;
  const { machineName, diskSize, additionalDiskSizes } = result;
  const parts: Record<string, string> = { 'source image': images.base };
  if (images.installer !== undefined) parts['installer'] = images.installer;
  for (const [name, value] of Object.entries({
    ...rest,
    ...hardware,
    'name of the machine': machineName,
    'size of the disk': diskSize,
    'further disks': additionalDiskSizes,
    login: 'username' in communicator ? communicator.username : undefined,
    'temporary key': 'temporaryKey' in communicator ? communicator.temporaryKey : undefined,
    ...machine,
  })) {
    if (value !== undefined) parts[name] = hashOf(value, rules);
  }
  await addFiles(parts, filesOfSource(source), rules);
  return parts;
}

/** Fields of a step that say how patient to be with it, or where it is written, and not what it does. */
const immaterial = new Set([
  'at',
  'name',
  'timeout',
  'maxRetries',
  'pauseBefore',
  'cache',
  'continueOnError',
]);

/** Functions of templates that give another answer every time. */
const changingFunction = /\{\{[^}]*\b(?:timestamp|isotime|strftime|uuid)\b/;

/**
 * Parts of a step: its fields and the content, modes and owners of the files that it reads. A file that is not there
 * counts as that: the step itself will say so.
 * @param now stands for the time in texts that ask for it when the step runs
 */
export async function stepParts(step: Step, rules: PartRules, now: string): Promise<Parts> {
  const parts: Record<string, string> = {};
  for (const [name, value] of Object.entries(step)) {
    if (!immaterial.has(name) && value !== undefined) parts[name] = hashOf(value, rules);
  }
  if (isChanging(step)) parts['the time'] = now;
  await addFiles(parts, filesOfStep(step), rules);
  return parts;
}

/** Parts of something that reads no files of its own. */
export function valueParts(values: Readonly<Record<string, unknown>>, rules: PartRules): Parts {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, hashOf(value, rules)]));
}

async function addFiles(
  parts: Record<string, string>,
  paths: readonly string[],
  { folder }: PartRules,
): Promise<void> {
  for (const path of paths) {
    const absolute = resolve(folder, path);
    const there = await canBeRead(absolute);
    parts[withoutFolder(absolute, folder)] = there ? await digestTree(absolute, { owners: true }) : 'missing';
  }
}

/** Hash of a value in which secrets are replaced by digests that only this store can make. */
function hashOf(value: unknown, { folder, secrets, secretKey }: PartRules): string {
  let text = canonicalJson(withoutFolders(value, folder)) ?? 'undefined';
  for (const secret of [...secrets].filter(Boolean).sort((a, b) => b.length - a.length)) {
    const stand = createHmac('sha256', secretKey).update(secret).digest('hex');
    text = text.replaceAll(JSON.stringify(secret).slice(1, -1), `<secret ${stand}>`);
  }
  return canonicalHash(text);
}

/** Whether a text of it asks for the time or for a random id when it is used. */
export function isChanging(value: unknown): boolean {
  return changingFunction.test(JSON.stringify(value));
}

/** Whether a step has a secret of the plan in it: then the machine's memory holds it from there on. */
export function handlesSecret(value: unknown, secrets: readonly string[]): boolean {
  const text = JSON.stringify(value);
  return secrets.some((secret) => secret !== '' && text.includes(JSON.stringify(secret).slice(1, -1)));
}
