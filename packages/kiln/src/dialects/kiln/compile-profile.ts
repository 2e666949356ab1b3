import { basename } from 'node:path';
import { isScalar, type Node } from 'yaml';
import type { Profile } from '../../plan/profile.ts';
import type { ProfileStep, StepBase } from '../../plan/step.ts';
import { readProfileSection } from '../../profile/language/read-profile.ts';
import { isEmptyProfile, localReads, profilePart, profileParts } from '../../profile/profile-parts.ts';
import type { StepContext } from './compile-steps.ts';
import type { ImageEntry } from './kiln-file.ts';

/** The profile of an image, as steps that come before its own. */
export function compileImageProfile(
  name: string,
  entry: ImageEntry,
  context: StepContext,
): readonly ProfileStep[] {
  if (entry.profile === undefined) return [];
  const at = context.places.of(entry, 'profile');
  return compileProfile(name, entry.profile, { pauseBefore: 0, timeout: 0, maxRetries: 0, at }, context);
}

/**
 * A profile as steps, one for each of its parts.
 * @param name for people, when the profile has none
 */
export function compileProfile(
  name: string,
  node: Node,
  base: StepBase,
  context: StepContext,
): readonly ProfileStep[] {
  const whole = read(name, node, context);
  if (!whole) return [];
  return profileParts.flatMap((part): readonly ProfileStep[] => {
    const profile = profilePart(whole, part);
    if (isEmptyProfile(profile)) return [];
    const step = base.name ?? `profile ${profile.name}`;
    return [
      { ...base, name: `${step}: ${part}`, kind: 'profile', profile, part, reads: localReads(profile) },
    ];
  });
}

/** `web` of `./web.profile.yaml`. */
function nameOfFile(file: string): string {
  return basename(file).replace(/(?:\.profile)?\.ya?ml$/, '');
}

function read(name: string, node: Node, context: StepContext): Profile | undefined {
  const { shownFile, yaml, variables, parameters, problems, env, bases, missing, secrets } = context;
  const reading = readProfileSection({
    file: shownFile,
    yaml,
    node,
    name: isScalar(node) && typeof node.value === 'string' ? nameOfFile(node.value) : name,
    variables,
    parameters,
    env,
    bases,
  });
  for (const { severity, at, message, hint } of reading.diagnostics) problems[severity](at, message, hint);
  missing.push(...reading.missing);
  secrets.push(...reading.secrets);
  return reading.profile;
}
