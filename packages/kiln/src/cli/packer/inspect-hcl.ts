import { showValue, type Value } from '@kiln/hcl';
import { redactor } from '../../base/redact.ts';
import type {
  BuildSummary,
  ComponentSummary,
  PackerHclProject,
} from '../../dialects/packer/hcl/packer-project.ts';

/** The report that `packer inspect` gives of a template in HCL2, in its parts. */
export function hclReport(project: PackerHclProject): readonly string[] {
  return ['Packer Inspect: HCL2 mode\n', valuesReport(project), buildsReport(project.builds)];
}

interface NamedValue {
  readonly name: string;
  readonly sensitive: boolean;
  readonly value: Value;
}

/** What the word `variables` shows in the console, too: all variables and locals by name. */
export function valuesReport({ variables, locals, secrets }: PackerHclProject): string {
  const hide = redactor(secrets);
  const shown = ({ sensitive, value }: NamedValue) => {
    if (sensitive) return '<sensitive>';
    // Of a text that is put together from parts only the secret ones are hidden.
    return hide(showValue(value, { secrets: value.kind === 'string' }));
  };
  const lines = (prefix: string, values: readonly NamedValue[]) =>
    values
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((one) => `${prefix}.${one.name}: ${JSON.stringify(shown(one))}\n`)
      .join('');
  return `> input-variables:\n\n${lines('var', variables)}\n> local-variables:\n\n${lines('local', locals)}`;
}

function buildsReport(builds: readonly BuildSummary[]): string {
  return `> builds:\n${builds.map((build, index) => `\n${buildReport(build, index)}`).join('')}`;
}

function buildReport({ name, description, sources, ...build }: BuildSummary, index: number): string {
  const provisioners = build.provisioners.map(componentName);
  const chains = build.postProcessors.map(
    (chain, position) => `${position}:${chain.map((one) => `\n        ${componentName(one)}`).join('')}`,
  );
  return [
    `  > ${name === '' ? `<unnamed build ${index}>` : name}:\n`,
    ...(description === '' ? [] : [`  > Description: ${description}\n`]),
    section('sources', sources.length === 0 ? ['<no source>'] : sources, '\n\n'),
    section('provisioners', provisioners.length === 0 ? ['<no provisioner>'] : provisioners, '\n'),
    section('post-processors', chains.length === 0 ? ['<no post-processor>'] : chains, '\n\n'),
  ].join('\n');
}

function section(title: string, items: readonly string[], end: string): string {
  return `    ${title}:\n\n${items.map((item) => `      ${item}`).join(end)}\n`;
}

function componentName({ type, name }: ComponentSummary): string {
  return name === '' ? type : `${type}.${name}`;
}
