import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../../../base/diagnostics.ts';
import { readJson } from '../../../base/json/read-json.ts';
import type { TextScope } from '../../../text/template-functions.ts';
import { Problems } from '../problems.ts';
import type { PackerJsonInput } from './read-packer-json.ts';
import { TemplateRoot } from './root.ts';
import { readSecrets, readVariables } from './variables.ts';

export interface TemplateValues {
  /** Values of all variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Values that may not be shown. */
  readonly secrets: readonly string[];
  /** What a text of the template is rendered with. */
  readonly scope: TextScope;
  readonly diagnostics: readonly Diagnostic[];
}

/** The variables of a template in JSON, for trying out texts; what else stands in the template does not matter. */
export function readTemplateValues(input: Omit<PackerJsonInput, 'only' | 'except'>): TemplateValues {
  const problems = new Problems();
  const node = readJson(input.file, input.text, problems);
  const clock: TextScope = {
    templateFolder: input.folder ?? dirname(resolve(input.cwd, input.file)),
    cwd: input.cwd,
    startedAt: input.startedAt,
  };
  if (node?.kind !== 'map') return { variables: {}, secrets: [], scope: clock, diagnostics: problems.list() };
  const root = new TemplateRoot(node, problems);
  const variables = readVariables(root.value('variables'), input, { ...clock, env: input.env }, problems);
  const secrets = readSecrets(root.value('sensitive-variables'), variables, problems);
  return { variables, secrets, scope: { ...clock, user: variables }, diagnostics: problems.list() };
}
