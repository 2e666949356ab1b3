import { createHash } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { isMap, type Node } from 'yaml';
import { redactor } from '../../base/redact.ts';
import type { Scope } from '../../base/yaml/interpolate.ts';
import { Places } from '../../base/yaml/places.ts';
import { Problems } from '../../base/yaml/problems.ts';
import type { YamlDocument } from '../../base/yaml/yaml-document.ts';
import { deepFreeze } from '../../plan/freeze.ts';
import type { Profile } from '../../plan/profile.ts';
import { readCloudConfig } from './cloud-config/read-cloud-config.ts';
import { compileProfile } from './compile-profile.ts';
import { gatherFiles, identity } from './gather-files.ts';
import { LocalFiles } from './local-files.ts';
import { resolveParameters } from './parameters.ts';
import { parseProfile } from './parse-profile.ts';
import { type ProfileFile, readOwnParameters, readSystem } from './profile-files.ts';
import type { ProfileInput, ProfileReading, ProfileSource } from './profile-reading.ts';
import { scopeOf } from './profile-scope.ts';
import { readLayer } from './read-layer.ts';

/**
 * Reads a profile, or a cloud-config file, with all its bases. Every mistake is a diagnostic; nothing is thrown for one,
 * and nothing is waited for.
 */
export function readProfile(input: ProfileInput): ProfileReading {
  const problems = new Problems();
  const path = resolve(input.file);
  const noted = new Map<string, ProfileSource>();
  const digest = createHash('sha256').update(input.text).digest('hex');
  noted.set(path, { kind: 'file', path, digest });
  const place = { shown: input.file, key: identity(path), folder: dirname(path) };
  const start = parseProfile({ ...place, text: input.text }, problems);
  return start
    ? resolveProfile(start, input, problems, noted)
    : {
        profile: undefined,
        diagnostics: problems.list(),
        inputs: [...noted.values()],
        secrets: [],
        missing: [],
      };
}

/** A profile that stands inside another file, such as kiln.yaml. */
export interface ProfileSectionInput extends Omit<ProfileInput, 'text'> {
  readonly yaml: YamlDocument;
  /** What stands behind the field: a profile's fields, the name of a base, or a list of bases. */
  readonly node: Node;
  /** For people, when the section gives no name. */
  readonly name: string;
  /** Variables of the file around it: parameters for what stands in it, and values for parameters of the same names. */
  readonly variables: Pick<Scope, 'values' | 'unset'> & { readonly secrets: readonly string[] };
}

/** The same for a profile that stands inside another file. The file around it is not among the inputs. */
export function readProfileSection(input: ProfileSectionInput): ProfileReading {
  const path = resolve(input.file);
  const start: ProfileFile = {
    shown: input.file,
    key: `${identity(path)}#${input.yaml.locate(input.node.range?.[0] ?? 0).line}`,
    folder: dirname(path),
    language: 'profile',
    yaml: input.yaml,
    node: input.node,
    isSection: true,
  };
  return resolveProfile(start, input, new Problems(), new Map());
}

function resolveProfile(
  start: ProfileFile,
  input: Omit<ProfileInput, 'text'> & Partial<Pick<ProfileSectionInput, 'variables' | 'name'>>,
  problems: Problems,
  noted: Map<string, ProfileSource>,
): ProfileReading {
  const { files, missing } = gatherFiles(start, { problems, bases: input.bases, noted });
  if (missing.length > 0) {
    return { profile: undefined, diagnostics: [], inputs: [...noted.values()], secrets: [], missing };
  }
  const outer = input.variables;
  const parameters = resolveParameters(
    files.map((file) => readOwnParameters(file, problems)),
    { given: input.parameters, env: input.env, around: outer?.values ?? new Map() },
    start.yaml.locate(start.node.range?.[0] ?? 0),
    problems,
  );
  const hidden = new Set<string>([...parameters.secrets, ...(outer?.secrets ?? [])]);
  const { scope } = scopeOf(parameters, { os: undefined, facts: {} });
  const os = files.map((file) => readSystem(file, scope, problems)).findLast((one) => one !== undefined);
  const layers = files.flatMap((file) => {
    const context = {
      ...scopeOf(parameters, { os, facts: input.facts ?? {}, around: file.isSection ? outer : undefined }),
      problems,
      places: new Places(),
      files: new LocalFiles(file.folder, dirname(file.shown), problems, noted),
      conceal: (text: string) => void hidden.add(text),
    };
    if (file.isSection && !isMap(file.node)) return [];
    const layer =
      file.language === 'cloud-config'
        ? readCloudConfig(file.yaml, file.shown, context)
        : readLayer(file.node, file.yaml, file.shown, file.isSection, context);
    return layer ?? [];
  });
  const profile: Profile = compileProfile(layers, {
    problems,
    defaultName: input.name ?? nameOf(input.file),
    os,
    secrets: [...hidden],
  });
  const hide = redactor(hidden);
  return {
    profile: problems.hasErrors ? undefined : deepFreeze(profile),
    diagnostics: problems.list().map((one) => ({
      ...one,
      message: hide(one.message),
      ...(one.hint !== undefined && { hint: hide(one.hint) }),
    })),
    inputs: [...noted.values()],
    secrets: [...hidden],
    missing: [],
  };
}

/** `web.profile.yaml` is called web. */
function nameOf(file: string): string {
  const name = basename(file)
    .replace(/\.ya?ml$/, '')
    .replace(/\.profile$/, '');
  return name === 'kiln' ? 'profile' : name;
}
