import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { fromFolder } from '../../base/yaml/notations.ts';
import type { Profile } from '../../plan/profile.ts';
import type { ProfileStep, StepBase } from '../../plan/step.ts';
import { readProfile } from '../../profile/language/read-profile.ts';
import { isEmptyProfile, localReads, profilePart, profileParts } from '../../profile/profile-parts.ts';
import type { StepContext } from './compile-steps.ts';
import type { ImageEntry } from './kiln-file.ts';

/** The profiles of an image, as steps that come before its own. */
export function compileImageProfiles(entry: ImageEntry, context: StepContext): readonly ProfileStep[] {
  const { profile } = entry;
  if (profile === undefined) return [];
  const at = context.places.of(entry, 'profile');
  const base: StepBase = { pauseBefore: 0, timeout: 0, maxRetries: 0, at };
  return compileProfiles(typeof profile === 'string' ? [profile] : profile, entry, base, context);
}

/** @param place the mapping that names the profiles */
export function compileProfiles(
  files: readonly string[],
  place: object,
  base: StepBase,
  context: StepContext,
): readonly ProfileStep[] {
  return files.flatMap((file) => {
    const whole = readOne(file, place, context);
    if (!whole) return [];
    return profileParts.flatMap((part): readonly ProfileStep[] => {
      const profile = profilePart(whole, part);
      if (isEmptyProfile(profile)) return [];
      const name = `profile ${profile.name}: ${part}`;
      return [{ name, ...base, kind: 'profile', profile, part, reads: localReads(profile) }];
    });
  });
}

function readOne(file: string, place: object, context: StepContext): Profile | undefined {
  const { folder, problems, places, env, bases, missing, secrets, parameters } = context;
  const path = fromFolder(folder, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES')) throw error;
    const where = isAbsolute(file) ? file : `"${file}" in ${folder}`;
    problems.error(places.of(place, 'profile'), `there is no profile ${where} that could be read`);
    return undefined;
  }
  const shown = join(context.shownFolder, relative(folder, path));
  const reading = readProfile({ file: shown, text, parameters, env, bases });
  for (const { severity, at, message, hint } of reading.diagnostics) problems[severity](at, message, hint);
  missing.push(...reading.missing);
  secrets.push(...reading.secrets);
  return reading.profile;
}
