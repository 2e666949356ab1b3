import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatDiagnostic } from '../../base/diagnostics.ts';
import type { Profile } from '../../plan/profile.ts';
import type { ProfileInput, ProfileReading } from './profile-reading.ts';
import { readProfile } from './read-profile.ts';

/** Texts of files by name; `kiln.profile.yaml` is the one that is read. */
export type ProfileFiles = Readonly<Record<string, string>>;

type Extras = Partial<Pick<ProfileInput, 'parameters' | 'env' | 'facts' | 'bases'>>;

export interface TestReading extends ProfileReading {
  readonly folder: string;
  /** Diagnostics as lines, without the folder. */
  readonly messages: readonly string[];
}

/** Reads a profile in a folder of its own. */
export function read(t: TestContext, files: string | ProfileFiles, extras: Extras = {}): TestReading {
  const folder = temporaryFolder(t);
  const texts = typeof files === 'string' ? { 'kiln.profile.yaml': files } : files;
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const file = join(folder, 'kiln.profile.yaml');
  const reading = readProfile({
    file,
    text: texts['kiln.profile.yaml']!,
    parameters: {},
    env: {},
    bases: new Map(),
    ...extras,
  });
  const messages = reading.diagnostics.map((one) =>
    formatDiagnostic(one).replaceAll(`${folder}/`, '').replaceAll(folder, 'FOLDER'),
  );
  return { ...reading, folder, messages };
}

/** The profile of texts that must be right. */
export function profileOf(t: TestContext, files: string | ProfileFiles, extras: Extras = {}): Profile {
  const { profile, messages } = read(t, files, extras);
  if (!profile) throw new Error(`the profile was refused:\n${messages.join('\n')}`);
  return profile;
}

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-profile-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A profile's text without its first line. */
export function p(text: string): string {
  return `profile: 1\n${text}`;
}

/** What is wrong, the profile, and of each mistake `line:column message`; with the file in front when it is another one. */
export type WrongProfile = readonly [
  what: string,
  files: string | ProfileFiles,
  ...mistakes: readonly string[],
];

/** A test for each: exactly these mistakes are told, each in its place and with what to do. */
export function refusals(wrong: readonly WrongProfile[]): void {
  for (const [what, files, ...mistakes] of wrong) {
    test(`a profile with ${what} is refused, with its place and what to do`, (t) => {
      const { profile, diagnostics, folder } = read(t, files);
      assert.equal(profile, undefined);
      const found = diagnostics.map(({ at, message }) => {
        const file = at.file.replace(`${folder}/`, '').replace(/^kiln\.profile\.yaml$/, '');
        const place = `${file === '' ? '' : `${file}:`}${at.line}:${at.column}`;
        return `${place} ${message.replaceAll(folder, 'FOLDER')}`;
      });
      assert.deepEqual(found, mistakes);
      for (const { message, hint } of diagnostics) assert.ok(hint && hint.length > 5, `no hint: ${message}`);
    });
  }
}
