import { createHmac } from 'node:crypto';
import { resolve } from 'node:path';
import { canonicalHash, canonicalJson } from '../plan/canonical.ts';
import type { LockedPackage } from '../plan/locked-package.ts';
import { withoutFolder, withoutFolders } from '../plan/relative-paths.ts';
import type { BuiltSource, RootfsSource } from '../plan/source.ts';
import type { Step } from '../plan/step.ts';
import type { TextTemplate } from '../plan/text.ts';
import { calledFunctions } from '../text/called-functions.ts';
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

/**
 * Parts of a machine that is up for the first time: everything a guest could notice, and nothing else. Ports of this
 * host, windows, and how fast keys are typed leave no trace.
 * @param now stands for what is new in every run in texts that ask for it
 */
export async function machineParts(
  source: BuiltSource,
  images: { readonly base: string; readonly installer?: string },
  machine: Readonly<Record<string, string>>,
  rules: PartRules,
  now: string,
): Promise<Parts> {
  if (source.kind === 'rootfs') return treeParts(source, machine, rules);
  const { communicator, result, hardware, boot, media, seed } = source;
  // Which accelerator is meant by "auto" is among what the host has found out.
  const { accelerator: _accelerator, ...devices } = hardware;
  const seen = { ...devices, command: boot.command, media };
  // A name in the file of the result is not a name in the machine.
  const isNamed = seed || /\.(?:Name|OutputDir)\b/.test(JSON.stringify(seen));
  const parts: Record<string, string> = { 'source image': images.base };
  if (images.installer !== undefined) parts['installer'] = images.installer;
  for (const [name, value] of Object.entries({
    ...devices,
    seed,
    'boot command': boot.command,
    'http server': media.http && { directory: media.http.directory, content: media.http.content },
    'CD with files': media.cd,
    'floppy disk': media.floppy,
    'name of the machine': isNamed ? result.machineName : undefined,
    'size of the disk': result.diskSize,
    'further disks': result.additionalDiskSizes,
    login: 'username' in communicator ? communicator.username : undefined,
    'temporary key': 'temporaryKey' in communicator ? communicator.temporaryKey : undefined,
    ...machine,
  })) {
    if (value !== undefined) parts[name] = hashOf(value, rules);
  }
  if (isChanging(seen)) parts[everNew] = now;
  await addFiles(parts, filesOfSource(source), rules);
  return parts;
}

/** Parts of a tree that is bare yet: exactly what is installed, and how. */
function treeParts(
  { os, lock }: RootfsSource,
  machine: Readonly<Record<string, string>>,
  rules: PartRules,
): Parts {
  return valueParts(
    { system: os, packages: lock?.base.map(identityOfPackage), time: lock?.time, ...machine },
    rules,
  );
}

/** Packages are the same wherever they come from. */
function identityOfPackage({ name, version, architecture, sha256 }: LockedPackage): string {
  return `${name} ${version} ${architecture} ${sha256}`;
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
  'failsAtEnd',
  'onError',
  'needsWindows',
]);

/** Name of the part that is another in every run. */
export const everNew = 'what is new in every run';

/** Functions of templates that give another answer every time, or one that comes from outside. */
const changingFunctions = [
  'timestamp',
  'isotime',
  'strftime',
  'uuid',
  'consul_key',
  'vault',
  'aws_secretsmanager',
  'aws_secretsmanager_raw',
];

/** The same of HCL2 expressions, and those that read files when the expression is worked out. */
const changingCall =
  /\b(?:timestamp|uuidv4|bcrypt|legacy_isotime|legacy_strftime|consul_key|vault|aws_secretsmanager(?:_raw)?|\w*file\w*)\s*\(/;

/**
 * Parts of a step: its fields and the content, modes and owners of the files that it reads. A file that is not there
 * counts as that: the step itself will say so.
 * @param now stands for what is new in every run in texts that ask for it
 */
export async function stepParts(step: Step, rules: PartRules, now: string): Promise<Parts> {
  const parts: Record<string, string> = {};
  for (const [name, value] of Object.entries(step)) {
    if (!immaterial.has(name) && value !== undefined) parts[name] = hashOf(value, rules);
  }
  if (isChanging(step)) parts[everNew] = now;
  // Whatever makes them has run by the time that somebody asks.
  await addFiles(parts, filesOfStep(step, { generated: true }), rules);
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

/** Whether a text of it asks for the time, for a random id or the like when it is used. */
export function isChanging(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (isTemplate(value)) {
    const called = calledFunctions(value);
    return (
      changingFunctions.some((name) => called.has(name)) ||
      (value.expressions ?? []).some(({ source }) => changingCall.test(source))
    );
  }
  return Object.values(value).some(isChanging);
}

function isTemplate(value: object): value is TextTemplate {
  return 'kind' in value && value.kind === 'template' && 'source' in value;
}

/** Whether a step has a secret of the plan in it: then the machine's memory holds it from there on. */
export function handlesSecret(value: unknown, secrets: readonly string[]): boolean {
  const text = JSON.stringify(value);
  return secrets.some((secret) => secret !== '' && text.includes(JSON.stringify(secret).slice(1, -1)));
}
