import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../../base/diagnostics.ts';
import { Places } from '../../base/yaml/places.ts';
import { Problems } from '../../base/yaml/problems.ts';
import { readShape } from '../../base/yaml/read-shape.ts';
import { parseYaml, type YamlKind } from '../../base/yaml/yaml-document.ts';
import { deepFreeze } from '../../plan/freeze.ts';
import type { Plan } from '../../plan/plan.ts';
import type { BaseReference, FoundBase } from '../../profile/language/profile-reading.ts';
import type { CompileContext } from './compile-context.ts';
import { compileImage } from './compile-image.ts';
import { compileMachine } from './compile-machine.ts';
import { kilnFile, schemaVersion } from './kiln-file.ts';
import { orderImages } from './order-images.ts';
import { readVariables } from './variables.ts';

export interface KilnYamlInput {
  /** Path as the user named it: messages show it, and its folder is where relative paths start. */
  readonly file: string;
  readonly text: string;
  /** Values from the command line and variable files, by name. */
  readonly variables: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostCpus: number;
  /** What profiles extend and is no local file, as far as it was looked up already. */
  readonly bases?: ReadonlyMap<string, FoundBase>;
}

export interface KilnYamlResult {
  /** Undefined when there are errors. */
  readonly plan: Plan | undefined;
  /** Everything to say about the file, in its order. */
  readonly diagnostics: readonly Diagnostic[];
  /** Bases of profiles that have to be looked up before the plan is whole: then this is to be called again. */
  readonly missing: readonly BaseReference[];
}

/** Reads a kiln.yaml into a plan. Every mistake in it is a diagnostic; nothing is thrown for one. */
export function readKilnYaml(input: KilnYamlInput): KilnYamlResult {
  const problems = new Problems();
  const missing: BaseReference[] = [];
  const plan = compile(input, problems, missing);
  const isWhole = !problems.hasErrors && missing.length === 0;
  return { plan: isWhole ? plan && deepFreeze(plan) : undefined, diagnostics: problems.list(), missing };
}

const kilnYaml: YamlKind = {
  name: 'kiln.yaml',
  whenEmpty: 'begin with "kiln: 1", then "images:" or "machines:"',
  whenBinary: 'is it a disk image? Then name it in `from:` of an image',
  // In the profiles of images.
  knowsReset: true,
};

function compile(input: KilnYamlInput, problems: Problems, missing: BaseReference[]): Plan | undefined {
  const yaml = parseYaml(input.file, input.text, kilnYaml, problems);
  if (!yaml) return undefined;
  const places = new Places();
  const variables = readVariables(yaml, input, problems, places);
  const file = readShape(yaml.root, kilnFile, input.file, { yaml, scope: variables, problems, places });
  if (!file) return undefined;
  if (file.kiln !== schemaVersion) {
    problems.error(
      places.of(file, 'kiln'),
      `this Kiln reads version ${schemaVersion} of the file format, and this is version ${file.kiln}`,
      'use a newer Kiln',
    );
    return undefined;
  }
  const folder = dirname(resolve(input.file));
  const secrets: string[] = [];
  const context: CompileContext = {
    folder,
    shownFile: input.file,
    yaml,
    variables,
    env: input.env,
    bases: input.bases ?? new Map(),
    missing,
    secrets,
    hostCpus: input.hostCpus,
    problems,
    places,
    imageNames: Object.keys(file.images ?? {}),
  };
  const images = Object.entries(file.images ?? {}).flatMap(
    ([name, entry]) => compileImage(name, entry, context) ?? [],
  );
  const builds = orderImages(images, file.images ?? {}, context);
  const machines = Object.entries(file.machines ?? {}).flatMap(
    ([name, entry]) => compileMachine(name, entry, context) ?? [],
  );
  return {
    kind: 'plan',
    origin: { file: input.file, folder, dialect: 'kiln' },
    builds,
    machines,
    secrets: [...variables.secrets, ...secrets],
  };
}
