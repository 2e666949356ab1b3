import { basename } from 'node:path';
import type { SourceLocation } from '../../../base/errors.ts';
import type { JsonMap, JsonNode } from '../../../base/json/json-node.ts';
import { readJson } from '../../../base/json/read-json.ts';
import { didYouMean } from '../../../base/suggest.ts';
import type { Problems } from '../../../base/yaml/problems.ts';
import { type ApiVersion, apiVersions, isApiVersion, newestApiVersion } from '../model/api-version.ts';
import { checkImageTemplate } from '../model/check-image-template.ts';
import type { ImageTemplate } from '../model/image-template.ts';
import { type Evaluation, evaluateNode, Places } from './evaluate.ts';
import { isExpression } from './expression.ts';
import { type DeclaredParameter, entryOf, readScope, textOf } from './parameters.ts';

export interface TemplateFile {
  /** As the user named it. */
  readonly file: string;
  readonly text: string;
  /** Values of parameters by name, and those that say where a deployment would be. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly now: Date;
}

/** One image template of a file. */
export interface OpenedTemplate {
  readonly name: string;
  readonly apiVersion: ApiVersion;
  readonly template: ImageTemplate;
  /** The place of a part of the template. */
  readonly at: (path: readonly (string | number)[]) => SourceLocation;
}

export interface OpenedFile {
  readonly templates: readonly OpenedTemplate[];
  readonly parameters: readonly DeclaredParameter[];
  readonly secrets: readonly string[];
}

const resourceType = 'microsoft.virtualmachineimages/imagetemplates';

/** Members of a resource in a file that are no part of what is sent to the service. */
const envelope = [
  'apiversion',
  'dependson',
  'condition',
  'comments',
  'metadata',
  'scope',
  'copy',
  'resources',
];

/**
 * The image templates of a file: a resource by itself, the body of a PUT, or those of a deployment template of ARM,
 * whose expressions are filled in. Every mistake is among the problems; the templates with mistakes are left out.
 */
export function openTemplates(input: TemplateFile, problems: Problems): OpenedFile {
  const nothing: OpenedFile = { templates: [], parameters: [], secrets: [] };
  const root = readJson(input.file, input.text, problems, { relaxed: true });
  if (root === undefined) return nothing;
  if (root.kind !== 'map') {
    problems.error(root.at, 'an image template is an object', 'begin with {');
    return nothing;
  }
  const error: Evaluation['error'] = (at, message, hint) => problems.error(at, message, hint);
  const resources = entryOf(root, 'resources')?.value;
  if (!resources) {
    const opened = openOne(root, { scope: undefined, error, places: new Places() }, input, problems);
    for (const name of Object.keys(input.values)) {
      problems.error(root.at, `a value is given for "${name}", but this file has no parameters`);
    }
    return { ...nothing, templates: opened ? [opened] : [] };
  }
  const scope = readScope(root, { values: input.values, now: input.now, error });
  const own = resourcesOf(resources).filter((one) => textOf(one, 'type')?.toLowerCase() === resourceType);
  if (own.length === 0) {
    problems.error(
      resources.at,
      'the template deploys no image template',
      'Kiln builds resources of the type Microsoft.VirtualMachineImages/imageTemplates',
    );
  }
  const templates = own.flatMap(
    (one) => openOne(one, { scope, error, places: new Places() }, input, problems) ?? [],
  );
  return { templates, parameters: scope.parameters, secrets: scope.secrets };
}

/** A list, or by symbolic names (languageVersion 2.0). */
function resourcesOf(node: JsonNode): readonly JsonMap[] {
  const items =
    node.kind === 'list' ? node.items : node.kind === 'map' ? node.entries.map(({ value }) => value) : [];
  return items.filter((one) => one.kind === 'map');
}

function openOne(
  node: JsonMap,
  evaluation: Evaluation,
  { file }: TemplateFile,
  problems: Problems,
): OpenedTemplate | undefined {
  const loop = entryOf(node, 'copy');
  if (loop) {
    problems.error(
      loop.keyAt,
      'Kiln does not repeat resources by "copy"',
      'write each of them, or make a file for each',
    );
    return undefined;
  }
  const { places, scope } = evaluation;
  const before = problems.list().length;
  const resource = evaluateNode(node, evaluation) as Record<string, unknown>;
  // Only what could be filled in is looked at further.
  const isFilled = problems.list().length === before;
  const member = (name: string) =>
    Object.entries(resource).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  if (member('condition') === false) return undefined;
  const at = (path: readonly (string | number)[]) => places.of(path) ?? node.at;
  const apiVersion = versionOf(member('apiVersion'), at(['apiVersion']), problems);
  if (scope === undefined) refuseExpressions(node, problems);
  const name = nameOf(member('name'), file, at(['name']), problems);
  const body = Object.fromEntries(
    Object.entries(resource).filter(([key]) => !envelope.includes(key.toLowerCase())),
  );
  if (apiVersion === undefined || name === undefined) return undefined;
  const checked = checkImageTemplate(body, { apiVersion });
  for (const { severity, path, message, hint } of checked.faults) problems[severity](at(path), message, hint);
  return checked.valid && isFilled ? { name, apiVersion, template: checked.template, at } : undefined;
}

function versionOf(given: unknown, at: SourceLocation, problems: Problems): ApiVersion | undefined {
  if (given === undefined) return newestApiVersion;
  if (typeof given === 'string' && isApiVersion(given)) return given;
  problems.error(
    at,
    `there is no apiVersion ${JSON.stringify(given)} of image templates`,
    didYouMean(String(given), apiVersions) ?? `there are ${apiVersions.slice(3).join(', ')}`,
  );
  return undefined;
}

function nameOf(given: unknown, file: string, at: SourceLocation, problems: Problems): string | undefined {
  if (given === undefined) {
    const stem = basename(file).replace(/\.[^.]*$/, '');
    return stem.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64) || 'template';
  }
  if (typeof given === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(given)) return given;
  // Samples have names that are to be filled in.
  const filled = typeof given === 'string' ? /^<([A-Za-z0-9._-]{1,62})>$/.exec(given)?.[1] : undefined;
  if (filled !== undefined) return filled;
  problems.error(
    at,
    `${JSON.stringify(given)} is no name of an image template`,
    'a name has 1 to 64 letters, digits, dashes, dots and underscores',
  );
  return undefined;
}

/** Nothing fills in expressions outside of a deployment: they would go to the service as they are. */
function refuseExpressions(node: JsonNode, problems: Problems): void {
  if (node.kind === 'list') for (const item of node.items) refuseExpressions(item, problems);
  if (node.kind === 'map') for (const { value } of node.entries) refuseExpressions(value, problems);
  if (node.kind !== 'string' || !isExpression(node.value)) return;
  if (
    !/^\[\s*(?:parameters|variables|concat|format|resourceId|resourceGroup|subscription)\s*\(/i.test(
      node.value,
    )
  )
    return;
  problems.error(
    node.at,
    'an expression counts only in a deployment template',
    'put the resource into "resources" of one, with "$schema" and "parameters"',
  );
}
