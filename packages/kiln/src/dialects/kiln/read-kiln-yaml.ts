import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../../base/diagnostics.ts';
import { Places } from '../../base/yaml/places.ts';
import { Problems } from '../../base/yaml/problems.ts';
import { readShape } from '../../base/yaml/read-shape.ts';
import { parseYaml, type YamlKind } from '../../base/yaml/yaml-document.ts';
import { deepFreeze } from '../../plan/freeze.ts';
import type { Plan } from '../../plan/plan.ts';
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
}

export interface KilnYamlResult {
  /** Undefined when there are errors. */
  readonly plan: Plan | undefined;
  /** Everything to say about the file, in its order. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a kiln.yaml into a plan. Every mistake in it is a diagnostic; nothing is thrown for one. */
export function readKilnYaml(input: KilnYamlInput): KilnYamlResult {
  const problems = new Problems();
  const plan = compile(input, problems);
  return { plan: problems.hasErrors ? undefined : plan && deepFreeze(plan), diagnostics: problems.list() };
}

const kilnYaml: YamlKind = {
  name: 'kiln.yaml',
  whenEmpty: 'begin with "kiln: 1", then "images:" or "machines:"',
  whenBinary: 'is it a disk image? Then name it in `from:` of an image',
};

function compile(input: KilnYamlInput, problems: Problems): Plan | undefined {
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
  const context: CompileContext = {
    folder,
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
    secrets: variables.secrets,
  };
}
