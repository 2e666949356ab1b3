import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../../base/diagnostics.ts';
import { Problems } from '../../base/yaml/problems.ts';
import { deepFreeze } from '../../plan/freeze.ts';
import type { Build, Plan } from '../../plan/plan.ts';
import { openTemplates, type TemplateFile } from './arm/open-templates.ts';
import type { ImageTemplate } from './model/image-template.ts';
import type { PlanContext } from './plan/plan-context.ts';
import { planTemplate } from './plan/plan-template.ts';
import { galleryImageName, managedImageName } from './plan/store-names.ts';

export interface AzureTemplateInput
  extends TemplateFile,
    Pick<PlanContext, 'catalogue' | 'sourceImage' | 'gallery' | 'host'> {}

export interface AzureTemplateResult {
  /** Undefined when there are errors. */
  readonly plan: Plan | undefined;
  /** Everything to say about the file, in its order. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a file with Azure image templates into a plan, a build each. Nothing is thrown for a mistake in it. */
export function readAzureTemplate(input: AzureTemplateInput): AzureTemplateResult {
  const problems = new Problems();
  const { templates, secrets } = openTemplates(input, problems);
  const folder = dirname(resolve(input.file));
  const { catalogue, sourceImage, gallery, host } = input;
  const builds: Build[] = [];
  for (const { name, template, at } of templates) {
    if (builds.some((one) => one.name === name)) {
      problems.error(at(['name']), `there are two image templates called "${name}"`);
      continue;
    }
    const madeHere = new Set(
      templates.filter((one) => one.template !== template).flatMap((one) => namesMadeBy(one.template)),
    );
    const context = {
      outputFolder: join(folder, `output-${name}`),
      ...{ folder, catalogue, gallery, madeHere, host, problems, name, at },
      ...(sourceImage && { sourceImage }),
    };
    const build = planTemplate(template, context);
    if (build) builds.push(build);
  }
  const plan: Plan = {
    kind: 'plan',
    origin: { file: input.file, folder, dialect: 'azure' },
    builds: inOrder(builds),
    machines: [],
    secrets,
  };
  return { plan: problems.hasErrors ? undefined : deepFreeze(plan), diagnostics: problems.list() };
}

function namesMadeBy({ properties }: ImageTemplate): readonly string[] {
  return properties.distribute.flatMap((one) => {
    if (one.type === 'SharedImage') return [galleryImageName(one.galleryImageId)];
    return one.type === 'ManagedImage' ? [managedImageName(one.imageId)] : [];
  });
}

/** Those first that others start from. */
function inOrder(builds: readonly Build[]): readonly Build[] {
  const ordered: Build[] = [];
  const waiting = [...builds];
  while (waiting.length > 0) {
    const index = waiting.findIndex(
      (one) => !waiting.some((other) => other !== one && makesBaseOf(other, one)),
    );
    // In a circle nobody is first; then what the store has counts.
    const [next] = waiting.splice(Math.max(0, index), 1);
    const after = ordered.filter((one) => makesBaseOf(one, next!)).map(({ name }) => name);
    ordered.push(after.length > 0 ? { ...next!, after } : next!);
  }
  return ordered;
}

function makesBaseOf(maker: Build, user: Build): boolean {
  const { source } = user;
  if (source.kind !== 'qemu' || source.disk.kind !== 'store') return false;
  const { reference } = source.disk;
  return maker.outputs.flat().some((one) => one.kind === 'store' && one.references.includes(reference));
}
